package own

import (
	"context"
	"fmt"
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/clock"
	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
)

// PartitionProgress says how far one partition has come that runs here.
type PartitionProgress struct {
	Partition int
	Taken     uint64 // sequence of the last record taken
	Committed uint64 // sequence of the last committed cut
	Clock     int64  // Unix ms
	Frozen    bool   // inside an import
	Customers int64
	Counts    shard.Counts
	Levels    [4]int64 // customers that are healthy, cooling, at risk, lapsed
	Feed      shard.FeedState
	Config    meaning.Force  // in force
	Columns   []shard.Column // that are kept of every customer
	Forgotten shard.Forgotten
	Erase     shard.Erase // what is to be erased, and no snapshot needs any more

	Thresholds [2]float64 // risks from which on customers are cooling and at risk

	SnapshotPause time.Duration // longest time that a snapshot kept the shard from its records
	Leap          clock.Leap
	Storing       int64  // since when a cut is being stored, wall clock, Unix ms; 0 while none is
	Alone         bool   // it is read by a consumer of its own: it has just begun, or could not keep up with the others
	Parted        uint64 // how often it could not keep up
	Trouble       string // why storing it was tried again, the last time; "" where it was not
}

// thresholds are those that an owner keeps together.
func thresholds(raises uint64) [2]float64 {
	return [2]float64{churn.Score(raises >> 16).Risk(), churn.Score(raises & 0xffff).Risk()}
}

// Progress says how far the partitions have come that run here, in their order. It
// may be called from any goroutine.
func (i *Instance) Progress() []PartitionProgress {
	here := i.owners.here()
	all := make([]PartitionProgress, len(here))
	for n, o := range here {
		p := &o.progress
		all[n] = PartitionProgress{
			Partition: o.partition,
			Taken:     p.taken.Load(),
			Committed: p.committed.Load(),
			Clock:     p.clock.Load(),
			Frozen:    p.frozen.Load(),
			Customers: p.customers.Load(),
			Counts:    *p.counts.Load(),
			Levels:    *p.levels.Load(),
			Feed:      *p.feed.Load(),
			Config:    *p.force.Load(),
			Columns:   *p.columns.Load(),
			Forgotten: *p.forgotten.Load(),

			Thresholds: thresholds(p.raises.Load()),

			SnapshotPause: time.Duration(o.pause.Load()),
			Leap:          *p.leap.Load(),
			Storing:       p.storing.Load(),
			Alone:         !o.path.direct.Load(),
			Parted:        o.path.parts.Load(),
		}
		if erase := p.erase.Load(); erase != nil {
			all[n].Erase = *erase
		}
		if trouble := p.trouble.Load(); trouble != nil {
			all[n].Trouble = *trouble
		}
	}

	return all
}

// WaitCommitted waits until every partition that runs here has committed its cut at
// the given sequence, by partition, or a later one. Partitions that are stopped
// meanwhile are left out. Where one is lost before that, or none runs here, nobody
// knows what was committed: ErrNotHere.
func (i *Instance) WaitCommitted(ctx context.Context, sequences []uint64) error {
	waiting, committed := i.owners.here(), false
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		left := waiting[:0]
		for _, o := range waiting {
			switch {
			case o.progress.committed.Load() >= sequences[o.partition]:
				committed = true
			case i.owners.all()[o.partition] == o:
				left = append(left, o)
			case !o.stopped.Load():
				return fmt.Errorf("wait until partition %d has committed record %d: %w", o.partition, sequences[o.partition], ErrNotHere)
			}
		}
		waiting = left
		switch {
		case len(waiting) > 0:
		case committed:
			return nil
		default:
			return fmt.Errorf("wait until the partitions of this instance have committed: %w", ErrNotHere)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-look.C:
		}
	}
}

// Unheard is for how long the input has said nothing, not even that nothing is
// there, though it was asked; 0 while it answers or nobody asks.
func (i *Instance) Unheard(now time.Time) time.Duration {
	at, asked := i.reading.Load(), i.askedAt.Load()
	if at == nil || asked == 0 {
		return 0
	}
	since := time.UnixMilli(asked)
	if heard := (*at).Heard(); heard.After(since) {
		since = heard
	}

	return max(0, now.Sub(since))
}
