package deliver_test

import (
	"testing"

	"ebb/sinks/deliver"
	"ebb/sinks/memory"
)

// A database that was set back, or is another one, gets again what it lacks:
// when it is found so at a start, and when it is replaced while the feed runs.
func TestWhatASetBackDatabaseLacksIsReadAgain(t *testing.T) {
	b := newBench(t)
	f := b.start(nil)
	for i := range 10 {
		b.cut(i)
	}
	b.caughtUp(f)
	b.stop(f)

	b.sink.Sink = memory.New() // another database
	f = b.start(nil)
	b.cut(10)
	b.caughtUp(f)
	b.expectTotals(11)
	if got := f.Counters(deliver.Rollups).SetBacks.Load(); got != 1 {
		t.Errorf("%d set-backs counted, want 1", got)
	}

	b.sink.swap(memory.New()) // a restore under the running feed
	b.cut(11)
	b.eventually("all rows are there again", func() bool { return len(b.rows()) == 12 })
	if got := f.Counters(deliver.Rollups).SetBacks.Load(); got != 2 {
		t.Errorf("%d set-backs counted, want 2", got)
	}
}

// A bucket of cursors that was lost does not bring the whole stream again.
func TestALostBucketOfCursorsIsMadeFromTheDatabase(t *testing.T) {
	b := newBench(t)
	f := b.start(nil)
	for i := range 10 {
		b.cut(i)
	}
	b.caughtUp(f)
	b.stop(f)
	if err := b.js.DeleteKeyValue(t.Context(), "ebb_sinks"); err != nil {
		t.Fatal(err)
	}
	f = b.start(nil)
	b.cut(10)
	b.caughtUp(f)
	b.expectTotals(11)
	if got := f.Counters(deliver.Rollups).Rows.Load(); got != 1 {
		t.Errorf("%d rows written again, want the new one", got)
	}
}
