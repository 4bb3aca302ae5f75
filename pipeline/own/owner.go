package own

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"ebb/pipeline/clock"
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
)

// queuedBatches and queuedCuts bound what waits inside the process. When they
// are full the pulling stops, and the backlog stays in the stream.
const (
	queuedBatches = 8
	queuedCuts    = 4
)

// owner runs one partition: one goroutine feeds its shard, another commits its
// cuts. The channels between them are the only thing that they share, beside
// the progress.
type owner struct {
	partition int
	committer *committer // the committing goroutine's
	saver     *saver
	batches   chan []event.Record
	cuts      chan *sealed
	saved     chan *saving // snapshots that are stored
	progress  progress
	questions chan func() // about the shard; see ask

	processors chan struct{} // the instance's: has room for as many as may process at once
	fed        chan struct{} // closed when the feeding goroutine has ended
	readTo     func() uint64 // the instance's: the common reader handed all records over up to it
	start      uint64        // first record to read

	path    path
	readers sync.WaitGroup // who reads alone
	halted  chan struct{}  // closed when nobody is to read alone any more
	quit    chan error     // takes why both goroutines are to end, other than by the end of the work
	over    chan struct{}  // closed when they have ended
	err     error          // why; after over
	stopped atomic.Bool    // by Stop
	closing sync.Once      // of batches

	ticked time.Time // the ticking goroutine's: when it was last ticked
	lacks  uint64    // followConfig's: the version that it was behind at the last look

	// The feeding goroutine's.
	shard *shard.Shard
	pace  pace
	base  base // the last record taken
	first base // the first one ever; its sequence is 0 where the manifest knows it
	kept  position
	pause atomic.Int64 // longest time that a capture kept records waiting, ns
}

// position is a place in a partition's input, as snapshots have it: cuts before
// the same record differ.
type position struct{ sequence, cuts uint64 }

// progress is what others may read while the owner runs.
type progress struct {
	taken     atomic.Uint64 // sequence of the last record that the shard took
	committed atomic.Uint64 // sequence of the last cut committed
	clock     atomic.Int64
	frozen    atomic.Bool // inside an import
	heard     atomic.Bool // a record other than a tick came since the last look
	counts    atomic.Pointer[shard.Counts]
	levels    atomic.Pointer[[4]int64]
	raises    atomic.Uint64 // thresholds of cooling and at_risk, each a churn.Score, 16 bits each
	customers atomic.Int64
	feed      atomic.Pointer[shard.FeedState]
	leap      atomic.Pointer[clock.Leap]
	waits     atomic.Pointer[shard.Waits]
	force     atomic.Pointer[meaning.Force]
	columns   atomic.Pointer[[]shard.Column]
	forgotten atomic.Pointer[shard.Forgotten]
	erase     atomic.Pointer[shard.Erase] // what no snapshot needs any more; nil before the first
	storing   atomic.Int64                // wall clock, Unix ms, when the storing of a cut began; 0 between cuts
	trouble   atomic.Pointer[string]      // why it was tried again, the last time
}

// troubled notes why the storing of a partition's cuts was tried again.
type troubled struct {
	Observer
	progress *progress
}

func (t troubled) Retried(err error) {
	text := err.Error()
	t.progress.trouble.Store(&text)
	t.Observer.Retried(err)
}

func newOwner(sh *shard.Shard, c *committer, saver *saver, processors chan struct{}, readTo func() uint64) *owner {
	o := &owner{
		partition: sh.Partition(),
		shard:     sh,
		committer: c,
		saver:     saver,
		batches:   make(chan []event.Record, queuedBatches),
		cuts:      make(chan *sealed, queuedCuts),
		saved:     make(chan *saving, 2), // one while running, and the last
		questions: make(chan func()),

		processors: processors,

		fed:    make(chan struct{}),
		halted: make(chan struct{}),
		quit:   make(chan error, 1),
		over:   make(chan struct{}),
		readTo: readTo,
		start:  max(sh.Sequence(), c.manifest.ReadTo) + 1,
		base: base{
			sequence: c.manifest.SnapshotAt,
			stored:   c.manifest.SnapshotClock,
			hash:     c.manifest.SnapshotHash,
		},
	}
	c.observer = troubled{c.observer, &o.progress}
	if erase := sh.Erase(); erase.To > 0 && erase.To <= c.manifest.Erased {
		c.erase = &erase
		o.progress.erase.Store(c.erase)
	}
	o.path.next = o.start
	if c.manifest.Snapshot != "" {
		o.kept = position{sh.Sequence(), sh.Cuts()}
	}
	o.progress.committed.Store(c.manifest.Cursor)
	o.report()

	return o
}

// feed takes batches until there are no more, stores the state as it is then,
// and closes the queue of cuts. recycle gets every batch back. idleEvery is how
// often it looks whether an idle partition has something to store.
func (o *owner) feed(ctx context.Context, recycle func([]event.Record), idleEvery time.Duration) error {
	defer close(o.fed)
	defer close(o.cuts)
	idle := time.NewTicker(idleEvery)
	defer idle.Stop()
	for {
		select {
		case batch, more := <-o.batches:
			if !more {
				return o.keep(ctx)
			}
			if err := o.take(ctx, batch); err != nil {
				return err
			}
			o.report()
			recycle(batch)
		case answer := <-o.questions:
			answer()
		case <-idle.C:
			if err := o.saveIdle(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// take processes a batch. It takes a processor for it: shards that all had a part of
// one would all be ready at the same late moment, and what they publish would be
// published while the processors rest.
func (o *owner) take(ctx context.Context, batch []event.Record) error {
	o.processors <- struct{}{} // who has one gives it back soon
	defer func() { <-o.processors }()
	var taking *event.Record // the record that is being taken
	var stopped error        // the context's end while a cut waited for its turn
	collect := func(cut *shard.Cut) {
		if stopped != nil {
			return
		}
		s := o.seal(cut, taking)
		select {
		case o.cuts <- s:
		default:
			<-o.processors
			stopped = o.queue(ctx, s)
			o.processors <- struct{}{}
		}
	}
	for i := range batch {
		taking = &batch[i]
		if o.base.sequence == 0 && o.first.sequence == 0 {
			o.first = base{sequence: taking.Sequence, stored: taking.Stored, hash: Fingerprint(taking.Data)}
		}
		if err := o.shard.Process(taking, collect); err != nil {
			return fmt.Errorf("partition %d, record %d: %w", o.shard.Partition(), taking.Sequence, err)
		}
		if stopped != nil {
			return stopped
		}
		if taking.Rows > 0 {
			runtime.Gosched() // many rows are long for those who only have to pass something on
		}
		if taking.Sequence > o.base.sequence { // not one that was passed over
			o.base = base{sequence: taking.Sequence, stored: taking.Stored, data: taking.Data}
		}
	}

	return nil
}

// queue waits until the committing goroutine has room, so that a record which
// brings about many cuts does not pile them up.
func (o *owner) queue(ctx context.Context, s *sealed) error {
	select {
	case o.cuts <- s:
		return nil
	case <-ctx.Done():
		o.saver.leave(s.saving)

		return context.Cause(ctx)
	}
}

// seal adds what the manifest will say of the cut, and a snapshot if it is
// time for one. It is called while the shard stands right at the cut: before
// the record being taken, or after it.
func (o *owner) seal(cut *shard.Cut, taking *event.Record) *sealed {
	if cut.Part {
		return &sealed{cut: cut}
	}
	at := o.base
	if cut.Sequence == taking.Sequence {
		at = base{sequence: taking.Sequence, stored: taking.Stored, data: taking.Data}
	}
	s := &sealed{cut: cut, stored: at.stored, hash: at.fingerprint(), first: o.first}
	now, counts := time.Now(), o.shard.Counts()
	if (o.forgets() || o.pace.due(now, counts.Events(), o.shard.Customers())) && o.saver.begin() {
		s.saving = o.capture(now, at)
		o.paused(now)
	}

	return s
}

// forgets says whether the last snapshot still has somebody who was forgotten since.
func (o *owner) forgets() bool { return o.shard.Asked() > o.kept.sequence }

// paused notes how long a capture took, while records may have waited.
func (o *owner) paused(since time.Time) {
	o.pause.Store(max(o.pause.Load(), int64(time.Since(since))))
}

// capture takes the shard's state where it stands, after the record at. The
// owner has a turn.
func (o *owner) capture(now time.Time, at base) *saving {
	s := &saving{state: o.shard.Capture(), stored: at.stored, hash: at.fingerprint(), result: o.saved, over: o.over}
	counts := o.shard.Counts()
	o.pace.took(now, counts.Events())
	o.kept = position{s.state.Sequence, s.state.Cuts}

	return s
}

// keep stores the shard's state where it stopped, so that the next owner reads
// nothing again. No record waits for it.
func (o *owner) keep(ctx context.Context) error {
	s := &sealed{at: o.shard.Sequence(), readTo: o.handedOver(), first: o.first}
	if at := (position{o.shard.Sequence(), o.shard.Cuts()}); at != o.kept && o.shard.Sequence() > 0 {
		if err := o.saver.wait(ctx); err != nil {
			return err
		}
		s.saving = o.capture(time.Now(), o.base)
		s.saving.readTo = s.readTo
	}

	return o.queue(ctx, s)
}

// saveIdle stores the state of a partition that had records and then none for long,
// and notes up to where the stream held none: its last record may leave the
// stream meanwhile, and the next owner must know that nothing is missing.
func (o *owner) saveIdle(ctx context.Context) error {
	readTo := o.handedOver()
	if readTo == 0 || len(o.batches) > 0 || o.shard.Sequence() == 0 {
		return nil
	}
	now, at := time.Now(), position{o.shard.Sequence(), o.shard.Cuts()}
	s := &sealed{at: at.sequence, readTo: readTo, first: o.first}
	switch {
	case !o.forgets() && now.Sub(o.pace.at) < patience*o.pace.interval:
		return nil
	case at == o.kept:
		o.pace.at = now
	case !o.saver.begin():
		return nil
	default:
		s.saving = o.capture(now, o.base)
		s.saving.readTo = readTo
		o.paused(now)
	}

	return o.queue(ctx, s)
}

// handedOver is up to where all records of the partition were handed over; 0
// where that is not known, because it is read alone, or was let go before the common
// reader went by it.
func (o *owner) handedOver() uint64 {
	to := o.readTo() // before the others: it grows
	if ended := o.path.ended.Load(); ended > 0 {
		to = min(to, ended-1)
	}
	if !o.path.direct.Load() || !o.path.served.Load() {
		return 0
	}

	return to
}

// base is the record that a cut stands on.
type base struct {
	sequence uint64
	stored   int64
	data     []byte
	hash     string // of the data, where only that is known
}

func (b base) fingerprint() string {
	if b.hash != "" {
		return b.hash
	}

	return Fingerprint(b.data)
}

func (o *owner) report() {
	o.progress.taken.Store(o.shard.Sequence())
	o.progress.clock.Store(o.shard.Clock())
	status := o.shard.Status()
	o.progress.frozen.Store(status.ImportOpen)
	o.progress.customers.Store(int64(status.Customers))
	o.progress.counts.Store(&status.Counts)
	o.progress.levels.Store(&status.Levels)
	o.progress.raises.Store(uint64(status.Cooling)<<16 | uint64(status.AtRisk))
	o.progress.feed.Store(&status.Feed)
	o.progress.leap.Store(&status.Leap)
	o.progress.waits.Store(&status.Waits)
	o.progress.columns.Store(&status.Columns)
	o.progress.forgotten.Store(&status.Forgotten)
	force := o.shard.Force()
	o.progress.force.Store(&force)
}
