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
// the others: it catches up on its own before, with the few records that it has.

// readAll brings the partitions that are far behind up, then reads for all until
// the context ends.
func (i *Instance) readAll(ctx context.Context) error {
	from, behind, err := i.plan(ctx)
	if err != nil {
		return ended(ctx, err)
	}
	group, catching := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, partition := range behind {
		group.Go(func() error { return i.catchUp(catching, partition) })
	}
	if err := group.Wait(); err != nil {
		return ended(ctx, err)
	}

	return i.read(ctx, from)
}

// worthAsking is how many records of all partitions one may be behind the
// others before it is asked how many of them are its own.
const worthAsking = 10_000

// aloneCosts is what a record that one partition reads for itself costs, in
// records of the common reader: the server has to leave the others out.
const aloneCosts = 2

// plan says from where to read for all, and which partitions catch up alone.
func (i *Instance) plan(ctx context.Context) (from uint64, behind []int, err error) {
	last, err := i.ports.Input.Last(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("read where the input stream ends: %w", err)
	}
	starts := make([]uint64, len(i.owners))
	for partition, o := range i.owners {
		starts[partition] = o.start
	}
	newest := min(slices.Max(starts), last+1)
	left, err := i.left(ctx, starts, newest)
	if err != nil {
		return 0, nil, err
	}
	from = cheapest(starts, left, last)
	for partition := range left {
		if starts[partition] < from && left[partition] > 0 {
			behind = append(behind, partition)
		}
	}
	slices.Sort(behind)

	return from, behind, nil
}

// left asks how many records the partitions have that are far behind the newest.
func (i *Instance) left(ctx context.Context, starts []uint64, newest uint64) (map[int]uint64, error) {
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
func cheapest(starts []uint64, left map[int]uint64, last uint64) uint64 {
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

// catchUp reads one partition up to the end of the stream.
func (i *Instance) catchUp(ctx context.Context, partition int) error {
	o := i.owners[partition]
	err := i.ports.Input.ReadPartition(ctx, partition, o.start, func(records []Record, _ uint64) error {
		select {
		case o.batches <- append(i.batch(), records...):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	if err != nil {
		return fmt.Errorf("read partition %d from record %d: %w", partition, o.start, err)
	}

	return nil
}

// read hands the input to the owners from a sequence on until the context ends.
func (i *Instance) read(ctx context.Context, from uint64) error {
	source, err := i.ports.Input.Open(ctx, from)
	if err != nil {
		return ended(ctx, fmt.Errorf("open the input stream: %w", err))
	}
	defer source.Close()
	if at, ok := source.(Hearing); ok {
		i.reading.Store(&at)
	}
	i.readTo.Store(from - 1)
	pending := make([][]Record, len(i.owners))
	for {
		i.askedAt.Store(time.Now().UnixMilli())
		records, err := source.Next(ctx)
		i.askedAt.Store(0)
		if err != nil {
			return ended(ctx, fmt.Errorf("read the input stream: %w", err))
		}
		for r := range records {
			record := &records[r]
			if record.Partition >= len(pending) {
				return fmt.Errorf("record %d is of partition %d, but there are %d: the stream was made with another number",
					record.Sequence, record.Partition, len(pending))
			}
			if pending[record.Partition] == nil {
				pending[record.Partition] = i.batch()
			}
			pending[record.Partition] = append(pending[record.Partition], *record)
		}
		last := records[len(records)-1].Sequence
		if err := i.handOver(ctx, pending); err != nil {
			return ended(ctx, err)
		}
		i.readTo.Store(last)
	}
}
