package own

import (
	"context"
	"fmt"
	"time"

	"ebb/pipeline/event"
)

// common reads for all partitions of an instance. Its goroutine alone uses it.
type common struct {
	instance *Instance
	alone    func(*owner, uint64)
	served   []*owner         // by partition, nil where it is another instance's
	changed  <-chan struct{}  // closed when served is no longer right
	pending  [][]event.Record // by partition
	full     []*owner         // those who had no room, while handing over
}

// partitions are those that are served; none stands for all.
func (c *common) partitions() (served []int, some bool) {
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
	partitions, some := c.partitions()
	if !some {
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
	err := UntilStored(ctx, func() (err error) {
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
func (c *common) take(ctx context.Context, records []event.Record) error {
	if c.pending == nil {
		c.pending = make([][]event.Record, len(c.served))
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
