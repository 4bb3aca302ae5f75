package pipeline

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
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
	shard     *Shard     // the feeding goroutine's
	committer *committer // the committing goroutine's
	batches   chan []Record
	cuts      chan *sealed
	pace      pace
	base      base // the last record taken
	progress  progress
}

// progress is what others may read while the owner runs.
type progress struct {
	taken     atomic.Uint64 // sequence of the last record that the shard took
	committed atomic.Uint64 // sequence of the last cut committed
	clock     atomic.Int64
	frozen    atomic.Bool // inside an import
	heard     atomic.Bool // a record other than a tick came since the last look
	counts    atomic.Pointer[Counts]
	levels    atomic.Pointer[[4]int64]
	customers atomic.Int64
	feed      atomic.Pointer[FeedState]
	leap      atomic.Pointer[StoreLeap]
	storing   atomic.Int64           // wall clock, Unix ms, when the storing of a cut began; 0 between cuts
	trouble   atomic.Pointer[string] // why it was tried again, the last time
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

func newOwner(shard *Shard, c *committer) *owner {
	o := &owner{
		shard:     shard,
		committer: c,
		batches:   make(chan []Record, queuedBatches),
		cuts:      make(chan *sealed, queuedCuts),
		pace:      pace{at: time.Now(), events: shard.counts.Events()},
		base: base{
			sequence: c.manifest.SnapshotAt,
			stored:   c.manifest.SnapshotClock,
			hash:     c.manifest.SnapshotHash,
		},
	}
	c.observer = troubled{c.observer, &o.progress}
	o.progress.committed.Store(c.manifest.Cursor)
	o.report()

	return o
}

// feed takes batches until there are no more, then closes the queue of cuts.
// recycle gets every batch back.
func (o *owner) feed(ctx context.Context, recycle func([]Record)) error {
	defer close(o.cuts)
	var taking *Record // the record that is being taken
	var made []*sealed // the cuts that it brings about
	collect := func(cut *Cut) {
		made = append(made, o.seal(cut, taking))
	}
	for batch := range o.batches {
		for i := range batch {
			taking = &batch[i]
			if err := o.shard.Process(taking, collect); err != nil {
				return fmt.Errorf("partition %d, record %d: %w", o.shard.Partition(), taking.Sequence, err)
			}
			if len(made) > 0 {
				if err := o.queue(ctx, made); err != nil {
					return err
				}
				made = made[:0]
			}
			o.base = base{sequence: taking.Sequence, stored: taking.Stored, data: taking.Data}
		}
		o.report()
		recycle(batch)
	}

	return nil
}

func (o *owner) queue(ctx context.Context, made []*sealed) error {
	for _, s := range made {
		select {
		case o.cuts <- s:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}

	return nil
}

// seal adds what the manifest will say of the cut, and a snapshot if it is
// time for one. It is called while the shard stands right at the cut: before
// the record being taken, or after it.
func (o *owner) seal(cut *Cut, taking *Record) *sealed {
	at := o.base
	if cut.Sequence == taking.Sequence {
		at = base{sequence: taking.Sequence, stored: taking.Stored, data: taking.Data}
	}
	s := &sealed{cut: cut, stored: at.stored, hash: at.fingerprint()}
	now, counts := time.Now(), o.shard.Counts()
	if events := counts.Events(); o.pace.due(now, events, o.shard.Customers()) {
		s.snapshot = o.shard.AppendSnapshot(nil)
		o.pace.took(now, events)
	}

	return s
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

	return fingerprint(b.data)
}

// commitAll commits the cuts in order until there are no more.
func (o *owner) commitAll(ctx context.Context) error {
	for s := range o.cuts {
		o.progress.storing.Store(time.Now().UnixMilli())
		if err := o.committer.commit(ctx, s, len(o.cuts) > 0); err != nil {
			return err
		}
		o.progress.committed.Store(s.cut.Sequence)
		o.progress.storing.Store(0)
		o.progress.trouble.Store(nil)
	}
	if o.committer.unsaved == 0 {
		return nil
	}

	return o.committer.save(ctx)
}

func (o *owner) report() {
	o.progress.taken.Store(o.shard.Sequence())
	o.progress.clock.Store(o.shard.Clock())
	o.progress.frozen.Store(o.shard.ImportOpen())
	o.progress.customers.Store(int64(o.shard.Customers()))
	counts, levels := o.shard.Counts(), o.shard.Population()
	o.progress.counts.Store(&counts)
	o.progress.levels.Store(&levels)
	state := o.shard.FeedState()
	o.progress.feed.Store(&state)
	leap := o.shard.StoreLeap()
	o.progress.leap.Store(&leap)
}
