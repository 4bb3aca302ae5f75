package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/deliver"
	"ebb/sinks/memory"
)

// bench is output streams, a sink that can be made to fail, and a way to
// publish to them.
type bench struct {
	*testing.T
	js   jetstream.JetStream
	sink *faulty
}

func newBench(t *testing.T) bench {
	t.Helper()
	conn, err := nats.Connect(localtest.NATS(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	b := bench{T: t, js: js, sink: &faulty{Sink: memory.New()}}
	for _, s := range deliver.Streams() {
		b.createStream(s)
	}

	return b
}

func (b bench) createStream(s deliver.Stream) {
	b.Helper()
	subject := map[deliver.Stream]string{
		deliver.Rollups: "engagement.rollups.>", deliver.Signals: "engagement.signals.>", deliver.DeadLetters: "engagement.deadletters.>",
	}[s]
	_, err := b.js.CreateStream(b.Context(), jetstream.StreamConfig{
		Name: "ENGAGEMENT_" + s.String(), Subjects: []string{subject}, AllowAtomicPublish: true,
	})
	if err != nil {
		b.Fatal(err)
	}
}

// start starts a feed, and stops it at the end of the test.
func (b bench) start(change func(*deliver.Config)) *deliver.Feed {
	b.Helper()
	cfg := deliver.Config{MaxWait: 20 * time.Millisecond, HistoryLull: 20 * time.Millisecond, FirstRetry: 10 * time.Millisecond, LastRetry: 50 * time.Millisecond}
	if change != nil {
		change(&cfg)
	}
	f, err := deliver.New(b.js, b.sink, cfg)
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { b.stop(f) })

	return f
}

func (b bench) stop(f *deliver.Feed) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.Context()), 20*time.Second)
	defer cancel()
	if err := f.Stop(ctx); err != nil {
		b.Errorf("stop: %v", err)
	}
}

func (b bench) publish(subject string, data []byte) uint64 {
	b.Helper()
	ack, err := b.js.Publish(b.Context(), subject, data)
	if err != nil {
		b.Fatal(err)
	}

	return ack.Sequence
}

// cut publishes one row of table rollups_total, of minute i, and a marker.
func (b bench) cut(i int) {
	b.Helper()
	b.publish("engagement.rollups.rollups_total.3", totals(i, "1m"))
	b.publish("engagement.rollups.marker.3", []byte(`{"cut":1,"chunk":1,"of":1,"sequence":5}`))
}

func totals(i int, window string) []byte {
	h := wire.Header{Schema: wire.Schema, Table: wire.Total, Partition: 3, Version: uint64(i + 1), Clock: int64(i+1) * 60_000}
	data := wire.AppendHeader(nil, h)
	data = append(data, `,"windows":[`...)
	data = wire.AppendWindow(data, window, int64(i+1)*60_000)
	data = wire.AppendRow(data, wire.Total, wire.Row{Events: int64(i), Customers: 1})

	return append(data, `]}]}`...)
}

func (b bench) caughtUp(f *deliver.Feed) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 30*time.Second)
	defer cancel()
	if err := f.CaughtUp(ctx); err != nil {
		b.Fatal(err)
	}
}

// expectTotals checks that the rows of minutes 0 to n-1 are there, but for
// those left out.
func (b bench) expectTotals(n int, leftOut ...int) {
	b.Helper()
	rows := map[int64]int64{}
	for _, r := range b.sink.Rows().Rollups[sinks.Total] {
		rows[r.End] = r.Events
	}
	if want := n - len(leftOut); len(rows) != want {
		b.Errorf("the sink holds %d rows, want %d", len(rows), want)
	}
	for i := range n {
		events, found := rows[int64(i+1)*60_000]
		if found && events != int64(i) {
			b.Errorf("row of minute %d has %d events", i, events)
		}
	}
}

// faulty is a memory sink that fails when told to.
type faulty struct {
	*memory.Sink
	swapped  atomic.Pointer[memory.Sink] // in its place, where it is set
	noCursor atomic.Bool                 // it can't be asked
	down     atomic.Bool
	tries    atomic.Int64
	mu       sync.Mutex
	reject   func(*sinks.Batch) error
	wait     chan struct{} // a Write waits for it where it is set
}

var errDown = errors.New("connection refused")

func (f *faulty) Write(ctx context.Context, batch *sinks.Batch) error {
	f.tries.Add(1)
	f.mu.Lock()
	reject, wait := f.reject, f.wait
	f.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if reject != nil {
		if err := reject(batch); err != nil {
			return err
		}
	}
	if f.down.Load() {
		// An outage after the fact: the rows are stored, the answer is lost.
		if f.tries.Load()%2 == 0 {
			_ = f.current().Write(ctx, batch)
		}

		return errDown
	}

	return f.current().Write(ctx, batch)
}

func (f *faulty) Cursor(ctx context.Context, name, stream string) (sinks.Cursor, error) {
	if f.noCursor.Load() {
		return sinks.Cursor{}, errDown
	}

	return f.current().Cursor(ctx, name, stream)
}

func (f *faulty) current() *memory.Sink {
	if other := f.swapped.Load(); other != nil {
		return other
	}

	return f.Sink
}

func (f *faulty) swap(other *memory.Sink) { f.swapped.Store(other) }

func (b bench) rows() []sinks.Rollup { return b.sink.current().Rows().Rollups[sinks.Total] }

func (f *faulty) set(reject func(*sinks.Batch) error, wait chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reject, f.wait = reject, wait
}

func (b bench) eventually(what string, ok func() bool) {
	b.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatal("waited in vain: ", what)
		}
	}
}

func TestFeedWritesAllStreams(t *testing.T) {
	b := newBench(t)
	f := b.start(nil)
	for i := range 40 {
		b.cut(i)
	}
	b.publish("engagement.rollups.levels.3", []byte(`{"schema":1,"table":"levels","partition":3,"version":7,"clock":60000,"time":60000,"healthy":4}`))
	b.publish("engagement.rollups.pipeline.3", []byte(`{"schema":1,"table":"pipeline","partition":3,"version":7,"clock":60000,"time":60000,"processed":9}`))
	b.publish("engagement.rollups.late.3", []byte(`{"schema":1,"table":"late","partition":3,"version":7,"clock":60000,"sequence":4,"time":5,"customer":"ü"}`))
	b.publish("engagement.signals.at_risk.3.c-1", []byte(`{"schema":1,"signal":"raised","customer":"c-1","level":"at_risk","episode":2,"partition":3,"version":8}`))
	letter := nats.NewMsg("engagement.deadletters.malformed")
	letter.Data = []byte("{")
	for name, value := range map[string]string{
		sinks.HeaderReason: "malformed", sinks.HeaderSequence: "77", sinks.HeaderPartition: "3",
		sinks.HeaderClock: "60001", sinks.HeaderError: "unexpected end", sinks.HeaderSubject: "engagement.p.3",
	} {
		letter.Header.Set(name, value)
	}
	if _, err := b.js.PublishMsg(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	b.caughtUp(f)

	b.expectTotals(40)
	rows := b.sink.Rows()
	if len(rows.Levels) != 1 || rows.Levels[0].Healthy != 4 || len(rows.Pipeline) != 1 || rows.Pipeline[0].Processed != 9 ||
		len(rows.Late) != 1 || rows.Late[0].Customer != "ü" || len(rows.Signals) != 1 || rows.Signals[0].Episode != 2 {
		t.Errorf("rows are %+v", rows)
	}
	want := sinks.DeadLetter{Reason: "malformed", Sequence: 77, Partition: 3, Time: 60001, Subject: "engagement.p.3", Error: "unexpected end", Version: 1}
	if len(rows.DeadLetters) != 1 {
		t.Fatalf("dead letters are %+v", rows.DeadLetters)
	}
	got := rows.DeadLetters[0]
	body := string(got.Body)
	got.Body = nil
	if body != "{" || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("dead letter is %+v with body %q, want %+v", got, body, want)
	}
	if c := f.Counters(deliver.Rollups); c.Rows.Load() != 43 || c.Messages.Load() != 83 || c.Lag.Load() != 0 || c.Refused.Load() != 0 {
		t.Errorf("counted %d rows of %d messages, lag %d, %d refused; want 43 of 83, 0 and 0",
			c.Rows.Load(), c.Messages.Load(), c.Lag.Load(), c.Refused.Load())
	}
}

func TestFeedGoesOnWhereItStopped(t *testing.T) {
	b := newBench(t)
	f := b.start(nil)
	for i := range 10 {
		b.cut(i)
	}
	b.caughtUp(f)
	b.stop(f)
	rows := f.Counters(deliver.Rollups).Rows.Load()
	for i := range 10 {
		b.cut(10 + i)
	}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	b.caughtUp(f)
	b.expectTotals(20)
	if got := f.Counters(deliver.Rollups).Rows.Load() - rows; got != 10 {
		t.Errorf("the second start wrote %d rows, want the 10 new ones", got)
	}

	again := b.start(nil) // another feed of the same name, as after a crash
	b.caughtUp(again)
	if got := again.Counters(deliver.Rollups).Rows.Load(); got != 0 {
		t.Errorf("a new feed wrote %d rows again", got)
	}
}

func TestStartAndStop(t *testing.T) {
	b := newBench(t)
	f, err := deliver.New(b.js, b.sink, deliver.Config{})
	if err != nil {
		t.Fatal(err)
	}
	b.stop(f) // before the start
	for range 3 {
		if err := f.Start(); err != nil {
			t.Fatal(err)
		}
		if err := f.Start(); err == nil {
			t.Error("started twice")
		}
		b.stop(f)
		b.stop(f)
	}
}

func TestStopWritesWhatIsRead(t *testing.T) {
	b := newBench(t)
	f := b.start(func(c *deliver.Config) { c.MaxWait, c.HistoryLag = time.Hour, time.Nanosecond })
	for i := range 10 {
		b.cut(i)
	}
	b.eventually("the session begins", func() bool { return f.Counters(deliver.Rollups).Sessions.Load() > 0 })
	time.Sleep(100 * time.Millisecond) // lets the messages arrive; a batch would wait an hour
	b.stop(f)
	b.expectTotals(10)
}

func TestStopGivesUpWhenItsTimeEnds(t *testing.T) {
	b := newBench(t)
	b.sink.set(nil, make(chan struct{}))
	f := b.start(nil)
	b.cut(0)
	b.eventually("a write begins", func() bool { return b.sink.tries.Load() > 0 })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := f.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("stop: error is %v, want that of its context", err)
	}
	b.expectTotals(0)

	b.sink.set(nil, nil)
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	b.caughtUp(f)
	b.expectTotals(1)
}

func TestOutageLosesAndDoublesNothing(t *testing.T) {
	b := newBench(t)
	f := b.start(func(c *deliver.Config) { c.MaxRows = 3 })
	b.sink.down.Store(true)
	for i := range 50 {
		b.cut(i)
	}
	c := f.Counters(deliver.Rollups)
	b.eventually("five tries", func() bool { return c.Retries.Load() >= 5 })
	if !c.Down.Load() || c.Written() != 0 || c.Lag.Load() < 90 {
		t.Errorf("in the outage: down %t, written up to %d, lag %d; want true, 0 and about 100", c.Down.Load(), c.Written(), c.Lag.Load())
	}
	b.sink.down.Store(false)
	b.caughtUp(f)
	b.expectTotals(50)
	if c.Down.Load() || c.Lag.Load() != 0 {
		t.Errorf("after the outage: down %t, lag %d", c.Down.Load(), c.Lag.Load())
	}
}

func TestConfigRefusesWhatCannotWork(t *testing.T) {
	b := newBench(t)
	for _, cfg := range []deliver.Config{
		{MaxRows: -1}, {MaxBytes: -1}, {MaxMemory: -1}, {MaxWait: -1}, {Prefetch: 5}, {WriteTimeout: -1}, {FirstRetry: -1},
		{FirstRetry: time.Minute, LastRetry: time.Second},
	} {
		if _, err := deliver.New(b.js, b.sink, cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}

// An import comes in bursts: its rows wait longer, as long as there are more,
// and those of now don't.
func TestHistoryGoesInLargeBatches(t *testing.T) {
	for what, test := range map[string]struct {
		clock       int64
		least, most uint64 // batches
	}{
		"history": {clock: 300_000, least: 1, most: 2},
		"live":    {clock: time.Now().UnixMilli(), least: 5, most: 12},
	} {
		t.Run(what, func(t *testing.T) {
			b := newBench(t)
			f := b.start(func(c *deliver.Config) { c.MaxWait, c.HistoryWait = 200*time.Millisecond, time.Minute })
			for i := range 12 {
				h := wire.Header{Schema: wire.Schema, Table: wire.Total, Partition: 3, Version: uint64(i + 1), Clock: test.clock}
				data := append(wire.AppendHeader(nil, h), `,"windows":[`...)
				data = wire.AppendWindow(data, "1m", int64(i+1)*60_000)
				data = wire.AppendRow(data, wire.Total, wire.Row{Events: int64(i), Customers: 1})
				b.publish("engagement.rollups.rollups_total.3", append(data, `]}]}`...))
				time.Sleep(120 * time.Millisecond)
			}
			b.caughtUp(f)
			b.expectTotals(12)
			if got := f.Counters(deliver.Rollups).Batches.Load(); got < test.least || got > test.most {
				t.Errorf("12 messages in %d batches, want %d to %d", got, test.least, test.most)
			}
		})
	}
}
