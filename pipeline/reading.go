package pipeline

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// This file reads the input. One reader serves all partitions, from the first
// record that most of them need. A partition whose snapshot is far older, because
// it had few records since, would make that reader repeat the whole stream for
// the others: it reads alone what it needs, with the few records that it has, and
// joins; see path.

// readAll reads for all until the context ends; alone begins to read what one of
// them needs, who counts that among its readers.
func (i *Instance) readAll(ctx context.Context, first []*owner, alone func(o *owner, change uint64)) error {
	from, behind, err := i.plan(ctx, first)
	if err != nil {
		return ended(ctx, err)
	}
	for _, o := range first {
		o.path.direct.Store(!slices.Contains(behind, o))
	}
	for _, o := range behind {
		o.readers.Add(1)
		alone(o, 0)
	}

	return i.read(ctx, from, alone)
}

// worthAsking is how many records of all partitions one may be behind the
// others before it is asked how many of them are its own.
const worthAsking = 10_000

// aloneCosts is what a record that one partition reads for itself costs, in
// records of the common reader: the server has to leave the others out.
const aloneCosts = 2

// plan says from where to read for all, and which partitions read alone first.
func (i *Instance) plan(ctx context.Context, all []*owner) (from uint64, behind []*owner, err error) {
	last, err := i.ports.Input.Last(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("read where the input stream ends: %w", err)
	}
	starts := make(map[int]uint64, len(all))
	newest := uint64(0)
	for _, o := range all {
		starts[o.partition] = o.start
		newest = max(newest, o.start)
	}
	left, err := i.left(ctx, starts, min(newest, last+1))
	if err != nil {
		return 0, nil, err
	}
	from = cheapest(starts, left, last)
	for _, o := range all {
		if o.start < from && left[o.partition] > 0 {
			behind = append(behind, o)
		}
	}

	return from, behind, nil
}

// left asks how many records the partitions have that are far behind the newest.
func (i *Instance) left(ctx context.Context, starts map[int]uint64, newest uint64) (map[int]uint64, error) {
	left := make(map[int]uint64)
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2 * atOnce)
	for partition, start := range starts {
		if start+worthAsking > newest {
			continue
		}
		group.Go(func() error {
			n, err := i.ports.Input.Left(ctx, partition, start)
			if err != nil {
				return fmt.Errorf("count what partition %d has to read: %w", partition, err)
			}
			mu.Lock()
			defer mu.Unlock()
			left[partition] = n

			return nil
		})
	}

	return left, group.Wait()
}

// cheapest is from where to read for all, so that the fewest records are read:
// those of the stream from there on, and what the partitions of left that begin
// before have to read alone.
func cheapest(starts, left map[int]uint64, last uint64) uint64 {
	best := last + 1
	for partition, start := range starts {
		if _, asked := left[partition]; !asked {
			best = min(best, start)
		}
	}
	cost := func(from uint64) uint64 {
		sum := last + 1 - from
		for partition, n := range left {
			if starts[partition] < from {
				sum += aloneCosts * n
			}
		}

		return sum
	}
	common := best
	for partition := range left {
		if start := starts[partition]; start < common && left[partition] > 0 && cost(start) < cost(best) {
			best = start
		}
	}

	return best
}

// read hands the input to the owners from a sequence on until the context ends.
// Every change of the partitions that are run makes another source.
func (i *Instance) read(ctx context.Context, from uint64, alone func(*owner, uint64)) error {
	i.readTo.Store(from - 1)
	c := &common{instance: i, alone: alone}
	for ctx.Err() == nil {
		c.served, c.changed = i.owners.follow(c.served, i.handedOver())
		if err := c.readUntilChanged(ctx); err != nil {
			return ended(ctx, err)
		}
	}

	return nil
}

// handedOver is up to where the common reader has handed over all records of the
// partitions that it serves directly.
func (i *Instance) handedOver() uint64 {
	to := i.readTo.Load()
	if at := i.looking.Load(); at != nil {
		to = max(to, (*at).LookedTo())
	}

	return to
}

// common reads for all partitions of an instance. Its goroutine alone uses it.
type common struct {
	instance *Instance
	alone    func(*owner, uint64)
	served   []*owner        // by partition, nil where it is another instance's
	changed  <-chan struct{} // closed when served is no longer right
	pending  [][]Record      // by partition
	full     []*owner        // those who had no room, while handing over
}

// partitions are those that are served; none stands for all.
func (c *common) partitions() (served []int, any bool) {
	for partition, o := range c.served {
		if o != nil {
			served = append(served, partition)
		}
	}
	if len(served) == len(c.served) {
		return nil, true
	}

	return served, len(served) > 0
}

// readUntilChanged reads for those who are served until they are others.
func (c *common) readUntilChanged(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	partitions, any := c.partitions()
	if !any {
		select {
		case <-c.changed:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	i := c.instance
	if err := c.skip(ctx); err != nil {
		return err
	}
	source, err := i.ports.Input.Open(ctx, i.handedOver()+1, partitions...)
	if err != nil {
		return fmt.Errorf("open the input stream: %w", err)
	}
	defer source.Close()
	i.listen(source)
	defer i.listen(nil)

	next, stopNext := context.WithCancel(ctx)
	defer stopNext()
	go func() {
		select {
		case <-c.changed:
			stopNext()
		case <-next.Done():
		}
	}()
	for {
		i.askedAt.Store(time.Now().UnixMilli())
		records, err := source.Next(next)
		i.askedAt.Store(0)
		if err != nil {
			if next.Err() != nil && ctx.Err() == nil {
				return nil // changed
			}

			return fmt.Errorf("read the input stream: %w", err)
		}
		if err := c.take(ctx, records); err != nil {
			return err
		}
		i.readTo.Store(records[len(records)-1].Sequence)
	}
}

// skip goes on at the end of the stream where all who are served read alone: they
// read up to there themselves.
func (c *common) skip(ctx context.Context) error {
	for _, o := range c.served {
		if o != nil && o.path.direct.Load() {
			return nil
		}
	}
	i := c.instance
	last := uint64(0)
	err := untilStored(ctx, func() (err error) {
		last, err = i.ports.Input.Last(ctx)

		return err
	}, i.options.Observer)
	if err != nil {
		return err
	}
	for _, o := range c.served {
		if o != nil {
			o.path.miss()
		}
	}
	i.readTo.Store(max(last, i.readTo.Load()))

	return nil
}

// listen says which source is read; nil for none.
func (i *Instance) listen(source Source) {
	i.readTo.Store(i.handedOver())
	i.reading.Store(nil)
	i.looking.Store(nil)
	if at, ok := source.(Hearing); ok {
		i.reading.Store(&at)
	}
	if at, ok := source.(Looking); ok {
		i.looking.Store(&at)
	}
}

// take sorts records by partition, and hands them over.
func (c *common) take(ctx context.Context, records []Record) error {
	if c.pending == nil {
		c.pending = make([][]Record, len(c.served))
	}
	for r := range records {
		record := &records[r]
		if record.Partition >= len(c.pending) {
			return fmt.Errorf("record %d is of partition %d, but there are %d: the stream was made with another number",
				record.Sequence, record.Partition, len(c.pending))
		}
		if c.served[record.Partition] == nil {
			continue
		}
		if c.pending[record.Partition] == nil {
			c.pending[record.Partition] = c.instance.batch()
		}
		c.pending[record.Partition] = append(c.pending[record.Partition], *record)
	}

	return c.handOver(ctx)
}
