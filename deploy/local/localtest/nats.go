package localtest

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local"
)

// NATS returns the URL of a NATS server with JetStream that holds no stream.
//
// The server is the test's own and stops at its end, with its files. With
// EBB_NATS_URL set it is that server instead: it must be empty, and the streams
// the test leaves behind are deleted at its end, so such a run needs
// `go test -p 1` and tests that do not run in parallel.
func NATS(t testing.TB) string {
	t.Helper()
	if url, ok := local.ExternalNATS(); ok {
		borrowNATS(t, url)
		return url
	}

	server, err := local.StartNATS(local.NATSConfig{Dir: t.TempDir(), Logger: warnings(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server.URL()
}

// borrowNATS fails the test if the server holds streams, and deletes what is
// there when the test ends.
func borrowNATS(t testing.TB, url string) {
	t.Helper()
	conn, err := nats.Connect(url, nats.Timeout(10*time.Second))
	if err != nil {
		t.Fatalf("%s=%s: %v", local.EnvNATSURL, url, err)
	}
	js, err := jetstream.New(conn)
	if err != nil {
		conn.Close()
		t.Fatal(err)
	}

	if names := streamNames(t, js); len(names) > 0 {
		conn.Close()
		t.Fatalf("%s=%s: tests need an empty server, this one holds streams %q", local.EnvNATSURL, url, names)
	}
	t.Cleanup(func() {
		defer conn.Close()
		for _, name := range streamNames(t, js) {
			if err := js.DeleteStream(cleanupContext(t), name); err != nil {
				t.Errorf("delete stream %s: %v", name, err)
			}
		}
	})
}

func streamNames(t testing.TB, js jetstream.JetStream) []string {
	t.Helper()
	lister := js.StreamNames(cleanupContext(t))
	var names []string
	for name := range lister.Name() {
		names = append(names, name)
	}
	if err := lister.Err(); err != nil {
		t.Errorf("list streams: %v", err)
	}
	return names
}
