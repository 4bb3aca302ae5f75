package local_test

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"ebb/deploy/local"
	"ebb/deploy/local/localtest"
)

func connect(t *testing.T, url string) jetstream.JetStream {
	t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func TestNATSKeepsMessagesOverRestart(t *testing.T) {
	dir := t.TempDir()
	first := startNATS(t, local.NATSConfig{Dir: dir})
	js := connect(t, first.URL())
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "KEPT", Subjects: []string{"kept.>"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(t.Context(), "kept.one", []byte("still here")); err != nil {
		t.Fatal(err)
	}
	first.Close()
	first.Close() // a second Close must neither fail nor hang

	second := startNATS(t, local.NATSConfig{Dir: dir})
	stream, err := connect(t, second.URL()).Stream(t.Context(), "KEPT")
	if err != nil {
		t.Fatal(err)
	}
	message, err := stream.GetMsg(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(message.Data); got != "still here" {
		t.Errorf("message after restart = %q, want %q", got, "still here")
	}
}

func TestNATSListensOnLoopbackOnly(t *testing.T) {
	server := startNATS(t, local.NATSConfig{Dir: t.TempDir()})
	host, port, err := net.SplitHostPort(strings.TrimPrefix(server.URL(), "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	if host != "127.0.0.1" {
		t.Errorf("listens on %s, want 127.0.0.1", host)
	}

	// A listener on every address would refuse this second one.
	other, err := net.Listen("tcp", net.JoinHostPort("127.0.0.2", port))
	if err != nil {
		t.Errorf("port %s is taken beyond 127.0.0.1: %v", port, err)
	} else {
		other.Close()
	}
}

func TestNATSRefusesATakenPort(t *testing.T) {
	holder, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	port := holder.Addr().(*net.TCPAddr).Port

	_, err = local.StartNATS(local.NATSConfig{Dir: t.TempDir(), Port: port})
	if err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) {
		t.Errorf("error = %v, want one that names port %d", err, port)
	}
}

func TestNATSNeedsADir(t *testing.T) {
	_, err := local.StartNATS(local.NATSConfig{})
	if err == nil || !strings.Contains(err.Error(), "Dir") {
		t.Errorf("error = %v, want one that names Dir", err)
	}
}

// The server's default is 50 open batches a stream; 64 partitions need more.
func TestNATSHoldsManyOpenBatchesPerStream(t *testing.T) {
	const open = 100
	js := connect(t, localtest.NATS(t))
	_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: "BATCHES", Subjects: []string{"batch.>"}, AllowAtomicPublish: true,
	})
	if err != nil {
		t.Fatal(err)
	}

	publishers := make([]jetstreamext.BatchPublisher, open)
	for i := range publishers {
		publishers[i], err = jetstreamext.NewBatchPublisher(js)
		if err != nil {
			t.Fatal(err)
		}
		if err := publishers[i].Add(fmt.Sprintf("batch.%d", i), []byte("row")); err != nil {
			t.Fatalf("open batch %d: %v", i, err)
		}
	}
	for i, publisher := range publishers {
		ack, err := publisher.Commit(t.Context(), fmt.Sprintf("batch.%d", i), []byte("last"))
		if err != nil {
			t.Fatalf("commit batch %d: %v", i, err)
		}
		if want := uint64(2 * (i + 1)); ack.Sequence != want {
			t.Fatalf("batch %d ends at sequence %d, want %d", i, ack.Sequence, want)
		}
	}
}

func startNATS(t *testing.T, cfg local.NATSConfig) *local.NATS {
	t.Helper()
	server, err := local.StartNATS(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// What a web page can send to the port is HTTP, and that is no command: the
// server ends the connection before it comes to a body. It listens for nothing
// else: no monitoring, no websockets.
func TestNATSTakesNoCommandsFromWebPages(t *testing.T) {
	server := startNATS(t, local.NATSConfig{Dir: t.TempDir()})
	js := connect(t, server.URL())
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "PAGES", Subjects: []string{"evil"}}); err != nil {
		t.Fatal(err)
	}
	body := "\r\nCONNECT {}\r\nPUB evil 5\r\nhello\r\n"
	request := fmt.Sprintf("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL(), "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	said, _ := io.ReadAll(conn) // to the end of the connection, which may come as a reset
	if !strings.Contains(string(said), "Unknown Protocol Operation") {
		t.Errorf("the server said %q", said)
	}
	stream, err := js.Stream(t.Context(), "PAGES")
	if err != nil {
		t.Fatal(err)
	}
	if n := stream.CachedInfo().State.Msgs; n != 0 {
		t.Errorf("%d messages came from a web page", n)
	}
}
