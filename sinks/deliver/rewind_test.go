package deliver_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/wire"
	"ebb/sinks/deliver"
	"ebb/sinks/memory"
)

func (b bench) rewind(to deliver.Target, dry bool) deliver.Rewound {
	b.Helper()
	r, err := deliver.Rewind(b.Context(), b.js, deliver.Config{}, deliver.Rollups, to, dry)
	if err != nil {
		b.Fatal(err)
	}

	return r
}

func quickLook(c *deliver.Config) { c.Look = 20 * time.Millisecond }

// A rewind reads again what the sink has written, though the sink's own cursor
// says that it is: while nothing runs, and while a feed runs to which nothing
// comes.
func TestRewindWritesAgain(t *testing.T) {
	b := newBench(t)
	f := b.start(quickLook)
	for i := range 10 {
		b.cut(i) // two messages each
	}
	b.caughtUp(f)
	counters := f.Counters(deliver.Rollups)
	rows := counters.Rows.Load()

	if r := b.rewind(deliver.Target{}, true); r.From != 1 || r.Messages != 20 || r.Written != 20 || r.Gone != 0 || r.Stored == nil {
		t.Errorf("dry: %+v", r)
	}
	if got := counters.Rows.Load(); got != rows {
		t.Errorf("a dry run wrote %d rows", got-rows)
	}
	b.rewind(deliver.Target{Sequence: 11}, false)
	b.eventually("5 rows again", func() bool { return counters.Rows.Load() == rows+5 && counters.Written() == 20 })
	b.rewind(deliver.Target{}, false)
	b.eventually("10 rows again", func() bool { return counters.Rows.Load() == rows+15 && counters.Written() == 20 })

	b.stop(f)
	b.rewind(deliver.Target{Sequence: 19}, false)
	f = b.start(nil)
	b.caughtUp(f)
	if got := f.Counters(deliver.Rollups).Rows.Load(); got != 1 {
		t.Errorf("%d rows written again after a start, want 1", got)
	}
	b.expectTotals(10)
}

// A rewind is heard while the sink is away, and what waits then is written.
func TestRewindWhileTheSinkIsAway(t *testing.T) {
	b := newBench(t)
	f := b.start(quickLook)
	for i := range 5 {
		b.cut(i)
	}
	b.caughtUp(f)
	b.sink.down.Store(true)
	b.cut(5)
	b.eventually("the sink fails", func() bool { return f.Counters(deliver.Rollups).Down.Load() })
	b.rewind(deliver.Target{}, false)
	b.eventually("another session", func() bool { return f.Counters(deliver.Rollups).Sessions.Load() > 1 })
	b.sink.swap(memory.New())
	b.sink.down.Store(false)
	b.eventually("all rows", func() bool { return len(b.rows()) == 6 })
}

func TestRewindSaysWhatItFinds(t *testing.T) {
	b := newBench(t)
	if r := b.rewind(deliver.Target{}, false); r.From != 0 || r.Note == "" {
		t.Errorf("before the first start: %+v", r)
	}
	f := b.start(quickLook)
	for i := range 5 {
		b.cut(i)
	}
	b.caughtUp(f)
	middle := time.Now()
	time.Sleep(20 * time.Millisecond)
	b.cut(5)
	b.caughtUp(f)
	b.stop(f)
	stream, err := b.js.Stream(t.Context(), "ENGAGEMENT_ROLLUPS")
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Purge(t.Context(), jetstream.WithPurgeSequence(5)); err != nil {
		t.Fatal(err)
	}
	if err := stream.DeleteMsg(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name                 string
		to                   deliver.Target
		from, messages, gone uint64
	}{
		{"the beginning", deliver.Target{}, 5, 7, 4},
		{"a time", deliver.Target{Time: middle}, 11, 2, 0},
		{"a time before all", deliver.Target{Time: middle.Add(-time.Hour)}, 5, 7, 4},
		{"a time after all", deliver.Target{Time: middle.Add(time.Hour)}, 0, 0, 0},
		{"a sequence", deliver.Target{Sequence: 9}, 9, 4, 0},
		{"one that is gone", deliver.Target{Sequence: 3}, 5, 7, 4},
		{"one that was deleted", deliver.Target{Sequence: 7}, 8, 5, 0},
		{"the next", deliver.Target{Sequence: 13}, 0, 0, 0},
	} {
		r := b.rewind(test.to, true)
		if r.From != test.from || r.Messages != test.messages || r.Gone != test.gone || r.Written != 12 || (r.Stored == nil) != (r.From == 0) {
			t.Errorf("%s: %+v", test.name, r)
		}
	}
	if _, err := deliver.Rewind(t.Context(), b.js, deliver.Config{}, deliver.Rollups, deliver.Target{Sequence: 14}, false); !errors.Is(err, deliver.ErrForward) {
		t.Errorf("forward: %v", err)
	}
	bucket, err := b.js.KeyValue(t.Context(), "ebb_sinks")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bucket.PutString(t.Context(), "clickhouse.ENGAGEMENT_ROLLUPS", "{"); err != nil {
		t.Fatal(err)
	}
	b.rewind(deliver.Target{}, false)
	f = b.start(nil)
	b.caughtUp(f)
	if c := f.Counters(deliver.Rollups); c.Messages.Load() != 7 || c.Gaps.Load() != 0 {
		t.Errorf("%d messages read again with %d gaps, want 7 and 0", c.Messages.Load(), c.Gaps.Load())
	}
}

// What is looked up about a hole may take longer than a batch may wait: the
// message after the hole is not lost by that.
func TestMessageAfterAHoleIsKept(t *testing.T) {
	b := newBench(t)
	const cuts = 300
	for i := range cuts {
		b.cut(i)
	}
	stream, err := b.js.Stream(t.Context(), "ENGAGEMENT_ROLLUPS")
	if err != nil {
		t.Fatal(err)
	}
	for i := range cuts { // every marker, so that every row comes after a hole
		if err := stream.DeleteMsg(t.Context(), uint64(2*i+2)); err != nil {
			t.Fatal(err)
		}
	}
	f := b.start(func(c *deliver.Config) { c.MaxWait = time.Millisecond })
	b.caughtUp(f)
	b.expectTotals(cuts)
	if c := f.Counters(deliver.Rollups); c.Messages.Load() != cuts || c.Sessions.Load() != 1 {
		t.Errorf("%d messages in %d sessions, want %d in 1", c.Messages.Load(), c.Sessions.Load(), cuts)
	}
}

// The lag is that of the stream, whatever the feed is doing, and rests at 0.
func TestLagIsTrueWhileNothingIsRead(t *testing.T) {
	b := newBench(t)
	f := b.start(quickLook)
	b.cut(0)
	b.caughtUp(f)
	b.stop(f)
	b.sink.noCursor.Store(true) // no session begins
	f = b.start(quickLook)
	for i := range 9 {
		b.cut(1 + i)
	}
	c := f.Counters(deliver.Rollups)
	b.eventually("18 messages behind", func() bool { return c.Lag.Load() == 18 && c.Behind(time.Now().Add(time.Minute)) > time.Minute })
	positions, err := deliver.Positions(t.Context(), b.js, deliver.Config{})
	if err != nil || len(positions) != 1 || positions[0].Written != 2 || positions[0].Behind != 18 || positions[0].Oldest == nil {
		t.Errorf("positions %+v, %v", positions, err)
	}
	b.sink.noCursor.Store(false)
	b.caughtUp(f)
	if c.Lag.Load() != 0 || c.Behind(time.Now()) != 0 {
		t.Errorf("caught up, but %d messages and %s behind", c.Lag.Load(), c.Behind(time.Now()))
	}

	slow := make(chan struct{})
	b.sink.set(nil, slow) // a write that takes long
	b.cut(10)
	b.eventually("2 messages behind", func() bool { return c.Lag.Load() == 2 && c.Behind(time.Now()) > 0 })
	b.sink.set(nil, nil)
	close(slow)
	b.stop(f)

	// The end of a stream that was erased is nothing to wait for.
	f = b.start(quickLook)
	b.caughtUp(f)
	b.stop(f)
	b.cut(11)
	stream, err := b.js.Stream(t.Context(), "ENGAGEMENT_ROLLUPS")
	if err != nil {
		t.Fatal(err)
	}
	for sequence := stream.CachedInfo().State.LastSeq - 1; sequence <= stream.CachedInfo().State.LastSeq; sequence++ {
		if err := stream.DeleteMsg(t.Context(), sequence); err != nil {
			t.Fatal(err)
		}
	}
	f = b.start(quickLook)
	c = f.Counters(deliver.Rollups)
	b.eventually("nothing behind", func() bool { return c.Sessions.Load() > 0 && c.Lag.Load() == 0 && c.Oldest.Load() == 0 })
}

// lines is a log for several goroutines.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()

	return l.text.Write(p)
}

func (l *lines) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()

	return strings.Count(l.text.String(), part)
}

// A new era is told once, also after a restart and a rewind.
func TestNewEraIsToldOnce(t *testing.T) {
	b := newBench(t)
	log := &lines{}
	logged := func(c *deliver.Config) {
		quickLook(c)
		c.Logger = slog.New(slog.NewTextHandler(log, nil))
	}
	const first, second = 1_600_000_000_000, 1_700_000_000_000
	f := b.start(logged)
	b.cutOf(0, first)
	b.caughtUp(f)
	if log.count("a new era") != 0 {
		t.Error("the first era is no new one")
	}
	b.stop(f)
	f = b.start(logged)
	b.cutOf(1, second)
	b.cutOf(2, second)
	b.caughtUp(f)
	b.rewind(deliver.Target{}, false)
	rows := f.Counters(deliver.Rollups)
	b.eventually("all again", func() bool { return rows.Rows.Load() == 5 })
	b.caughtUp(f)
	if got := log.count("a new era of the stream began at 2023-11-14T22:13:20Z"); got != 1 {
		t.Errorf("told %d times:\n%s", got, log.text.String())
	}
}

// cutOf publishes one row of an era.
func (b bench) cutOf(i int, era int64) {
	b.Helper()
	h := wire.Header{Schema: wire.Schema, Table: wire.Total, Partition: 3, Version: uint64(i + 1), Clock: int64(i+1) * 60_000, Era: era}
	data := append(wire.AppendHeader(nil, h), `,"windows":[`...)
	data = wire.AppendWindow(data, "1m", int64(i+1)*60_000)
	data = wire.AppendRow(data, wire.Total, wire.Row{Events: int64(i), Customers: 1})
	b.publish("engagement.rollups.rollups_total.3", append(data, `]}]}`...))
}
