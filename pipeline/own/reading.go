package own

import (
	"context"
	"fmt"
	"slices"
	"sync"

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
		return Ended(ctx, err)
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
			return Ended(ctx, err)
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
