package pipeline_test

import (
	"fmt"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/shard"
)

// The path of an event makes nothing on the heap, once its customer is known.
func TestAnEventAllocatesNothing(t *testing.T) {
	sh := wholeShard(t)
	const runs, stored = 2_000, int64(1_770_000_000_000)
	records := make([]event.Record, 2*runs+2)
	for i := range records {
		records[i] = event.Record{
			Sequence: uint64(i + 1), Stored: stored, Clock: stored,
			Data: fmt.Appendf(nil, `{"id":"e%d","time":%q,"customer":"c%d","type":"page.pinged"}`, i, timeText(stored-int64(i)), i%20),
		}
	}
	next := 0
	process := func() {
		if err := sh.Process(&records[next], func(*shard.Cut) {}); err != nil {
			t.Fatal(err)
		}
		next++
	}
	for range runs {
		process()
	}
	if n := testing.AllocsPerRun(runs, process); n != 0 {
		t.Errorf("%v allocations an event", n)
	}
	if c := sh.Counts(); c.Processed != uint64(next) {
		t.Errorf("%d of %d events processed: %+v", c.Processed, next, c)
	}
}
