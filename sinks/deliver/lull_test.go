package deliver_test

import (
	"testing"
	"time"

	"ebb/sinks/deliver"
)

// An import has the processor to itself: what it brings is left in the stream while
// more comes, for HistoryLag at most, and is written once it is over.
func TestHistoryIsLeftWhileMoreComes(t *testing.T) {
	b := newBench(t)
	f := b.start(func(c *deliver.Config) {
		c.HistoryBacklog, c.HistoryLull, c.HistoryLag = -1, 300*time.Millisecond, time.Hour
	})
	for i := range 20 {
		b.cut(i)
		time.Sleep(50 * time.Millisecond)
	}
	if got := f.Counters(deliver.Rollups).Rows.Load(); got != 0 {
		t.Errorf("%d rows written while more came, want none", got)
	}
	b.eventually("all is written once nothing comes", func() bool { return f.Counters(deliver.Rollups).Rows.Load() == 20 })
	b.expectTotals(20)
}

func TestHistoryIsLeftForABoundedTime(t *testing.T) {
	b := newBench(t)
	f := b.start(func(c *deliver.Config) {
		c.HistoryBacklog, c.HistoryWait, c.HistoryLull, c.HistoryLag = -1, 300*time.Millisecond, time.Hour, 400*time.Millisecond
	})
	i := 0
	b.eventually("rows are written although more come", func() bool {
		b.cut(i)
		i++

		return f.Counters(deliver.Rollups).Rows.Load() > 0
	})
	b.caughtUp(f)
	b.expectTotals(i)
}

// Who waits for history has it at once, also while more comes.
func TestHistoryIsNotLeftWhereSomebodyWaits(t *testing.T) {
	b := newBench(t)
	f := b.start(func(c *deliver.Config) {
		c.HistoryBacklog, c.MaxWait, c.HistoryWait, c.HistoryLull, c.HistoryLag = -1, time.Minute, time.Minute, time.Hour, time.Hour
	})
	begun := time.Now()
	for i := range 3 {
		b.cut(i)
	}
	b.caughtUp(f)
	b.expectTotals(3)
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("took %s", took)
	}
}

// A few rows of the past are seen at once.
func TestASmallImportIsNotLeft(t *testing.T) {
	b := newBench(t)
	f := b.start(func(c *deliver.Config) {
		c.HistoryWait, c.HistoryLull, c.HistoryLag = 300*time.Millisecond, time.Hour, time.Hour
	})
	for i := range 5 {
		b.cut(i)
	}
	b.eventually("the rows are written", func() bool { return f.Counters(deliver.Rollups).Rows.Load() == 5 })
	b.expectTotals(5)
}

func TestConfigRefusesANegativeLag(t *testing.T) {
	b := newBench(t)
	if _, err := deliver.New(b.js, b.sink, deliver.Config{HistoryLag: -1}); err == nil {
		t.Error("a negative lag was taken")
	}
}
