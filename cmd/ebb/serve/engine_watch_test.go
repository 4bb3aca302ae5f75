package serve

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/own"
)

func TestStalledCommitIsOneThatTakesTooLong(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	storing := func(ago time.Duration, trouble string) own.PartitionProgress {
		return own.PartitionProgress{Storing: now.Add(-ago).UnixMilli(), Trouble: trouble}
	}
	for _, test := range []struct {
		name       string
		partitions []own.PartitionProgress
		text       string
		since      time.Duration
	}{
		{"idle", []own.PartitionProgress{{}, {Trouble: "before"}}, "", 0},
		{"just now", []own.PartitionProgress{storing(4*time.Second, "no answer")}, "", 0},
		{"a large cut", []own.PartitionProgress{storing(50*time.Second, "")}, "", 0},
		{"a stuck marker", []own.PartitionProgress{{}, storing(9*time.Second, "fenced")}, "1 of 2 partitions can't store their outputs: fenced", 9 * time.Second},
		{"two", []own.PartitionProgress{storing(9*time.Second, "no answer"), storing(2*time.Minute, "")}, "2 of 2 partitions can't store their outputs: no answer", 2 * time.Minute},
	} {
		text, since := stalledCommit(now, test.partitions)
		if text != test.text || text != "" && !since.Equal(now.Add(-test.since)) {
			t.Errorf("%s: %q since %s", test.name, text, since)
		}
	}
}

func TestFailuresAreTakenTogetherUntilTheyPause(t *testing.T) {
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	full := fmt.Errorf("publish a tick: %w", &natsjs.APIError{Code: 500, ErrorCode: codeStorageExceeded, Description: "insufficient storage resources available"})
	var f failures
	if _, _, _, found := f.lately(start); found {
		t.Error("found a failure before the first")
	}
	f.note(start, errors.New("one"))
	f.note(start.Add(15*time.Second), full)
	since, text, isFull, found := f.lately(start.Add(20 * time.Second))
	if !since.Equal(start) || !strings.Contains(text, "insufficient storage") || !isFull || !found {
		t.Errorf("since %s, %q, full %v, found %v", since, text, isFull, found)
	}
	if _, _, _, found := f.lately(start.Add(time.Minute)); found {
		t.Error("a failure of a minute ago is no trouble now")
	}
	f.note(start.Add(time.Hour), errors.New("another"))
	if since, _, isFull, _ := f.lately(start.Add(time.Hour)); !since.Equal(start.Add(time.Hour)) || isFull {
		t.Errorf("after a pause: since %s, full %v", since, isFull)
	}
}
