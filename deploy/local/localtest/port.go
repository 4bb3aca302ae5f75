package localtest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// The ports of Port lie below those that systems give to whoever asks for any.
const (
	firstPort = 10_000
	ports     = 20_000
)

// Port is a free port on this machine for a server that a test stops and starts again at
// the same address: a port that a server was given stays free for nobody.
func Port(t testing.TB) int {
	t.Helper()
	var err error
	for range 100 {
		port := firstPort + rand.IntN(ports)
		var listener net.Listener
		if listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", fmt.Sprint("127.0.0.1:", port)); err == nil {
			if err = listener.Close(); err == nil {
				return port
			}
		}
	}
	t.Fatalf("none of a hundred ports is free: %v", err)

	return 0
}
