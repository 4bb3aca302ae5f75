package replay_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ebb/pipeline/replay"
)

// Reading a file ends with the context, also in the middle of a pass.
func TestSourceUntilEndsWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.csv")
	rows := strings.Repeat("2026-01-01T00:00:00Z,ann\n", 20_000)
	if err := os.WriteFile(path, []byte("event_time,customer_id\n"+rows), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	source := replay.FileSource(path).Until(ctx)
	if _, err := replay.Identify(source); err != nil {
		t.Fatal(err)
	}
	file, err := source.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := file.Read(make([]byte, 10)); !errors.Is(err, context.Canceled) {
		t.Errorf("in the middle: %v, want %v", err, context.Canceled)
	}
	if _, err := replay.Identify(source); !errors.Is(err, context.Canceled) {
		t.Errorf("a new pass: %v, want %v", err, context.Canceled)
	}
}
