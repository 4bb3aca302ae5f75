package main

import (
	"strings"
	"testing"

	"ebb/pipeline/jetstream"
)

// History behind live events would all be late, which nobody wants: the replay
// says so before it begins.
func TestReplayRefusesHistoryBehindLiveEvents(t *testing.T) {
	t.Parallel()
	l := newRun(t)
	if err := jetstream.Provision(t.Context(), l.js, l.layout); err != nil {
		t.Fatal(err)
	}
	args := []string{"replay", shopFile(t, 50), "--json", "--mapping", shopMapping, "--lateness", "2h"}
	l.send(t, "live", 1)
	code, stdout, stderr := l.command(t, args...)
	if code != exitFailure || stdout != "" || !strings.Contains(stderr, "late") || !strings.Contains(stderr, "--stream.prefix") {
		t.Errorf("exit code %d, %q, %q", code, stdout, stderr)
	}
	stream, err := l.js.Stream(t.Context(), l.layout.Stream)
	if err != nil {
		t.Fatal(err)
	}
	if messages := stream.CachedInfo().State.Msgs; messages != 1 {
		t.Errorf("%d messages in the stream, want the live event alone", messages)
	}
}
