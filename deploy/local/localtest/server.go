package localtest

import (
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Serve starts a NATS server of other options than those of NATS, such as accounts and
// users, and returns its URL. It listens on this machine alone, keeps its files in a
// folder of the test, and stops at its end.
func Serve(t testing.TB, options *server.Options) string {
	t.Helper()
	options.Host, options.Port, options.StoreDir, options.NoSigs, options.NoLog = "127.0.0.1", server.RANDOM_PORT, t.TempDir(), true, true
	s, err := server.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("the server is not ready")
	}

	return s.ClientURL()
}

// ServeFile is Serve with the options of a configuration file.
func ServeFile(t testing.TB, path string) string {
	t.Helper()
	options, err := server.ProcessConfigFile(path)
	if err != nil {
		t.Fatal(err)
	}

	return Serve(t, options)
}
