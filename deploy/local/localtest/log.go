package localtest

import (
	"io"
	"log/slog"
	"sync"
	"testing"
)

// warnings sends what a server warns about to the test's log.
func warnings(t testing.TB) *slog.Logger {
	out := &testOutput{to: t.Output()}
	t.Cleanup(out.stop)
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// testOutput drops what is written after stop: a line that comes when the test
// is over would panic.
type testOutput struct {
	mu sync.Mutex
	to io.Writer
}

func (o *testOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.to == nil {
		return len(p), nil
	}
	return o.to.Write(p)
}

func (o *testOutput) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = nil
}
