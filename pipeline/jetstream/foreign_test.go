package jetstream

import (
	"bytes"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
)

// slowToSubscribe dials connections on which what subscribes to a subject takes its time
// on the way.
type slowToSubscribe struct{ subject string }

func (d slowToSubscribe) Dial(network, address string) (net.Conn, error) {
	conn, err := net.Dial(network, address)

	return &slowConn{Conn: conn, slow: []byte("SUB " + d.subject + " ")}, err
}

type slowConn struct {
	net.Conn

	slow []byte
}

func (c *slowConn) Write(data []byte) (int, error) {
	if bytes.Contains(data, c.slow) {
		time.Sleep(300 * time.Millisecond)
	}

	return c.Conn.Write(data)
}

// Whoever is told that core subjects are heard may publish to them: the server knows of
// the subscriptions by then, not the client alone.
func TestCoreSubjectsAreHeardFromTheFirstMessageOn(t *testing.T) {
	url := localtest.NATS(t)
	conn, err := nats.Connect(url, nats.SetCustomDialer(slowToSubscribe{"clicks"}))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	slow, err := natsjs.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	other := connect(t, url).Conn()
	core, err := HearCore(t.Context(), slow, []string{"views", "clicks"}, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer core.Close()
	for _, subject := range []string{"views", "clicks"} {
		if err := other.Publish(subject, []byte(subject)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		select {
		case <-core.Messages:
		case <-time.After(10 * time.Second):
			t.Fatal("a message was not heard that was published when the subjects were")
		}
	}
}
