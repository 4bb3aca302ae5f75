package own

import (
	"context"
	"time"

	"ebb/pipeline/event"
)

// handOver gives every owner what was read for it: first to those who have room,
// then to the others as they get some.
func (c *common) handOver(ctx context.Context) error {
	c.full = c.full[:0]
	for partition, batch := range c.pending {
		if len(batch) == 0 {
			continue
		}
		o := c.served[partition]
		c.instance.note(o, batch)
		if c.offer(o, batch) {
			c.pending[partition] = nil
		} else {
			c.full = append(c.full, o)
		}
	}
	for _, o := range c.full {
		batch := c.pending[o.partition]
		c.pending[o.partition] = nil
		if err := c.waitForRoom(ctx, o, batch); err != nil {
			return err
		}
	}

	return nil
}

// offer gives an owner a batch, or keeps it for one who reads alone. It reports
// false where the owner has no room.
func (c *common) offer(o *owner, batch []event.Record) bool {
	if !o.path.direct.Load() {
		spare, direct := o.path.keep(batch)
		if spare != nil {
			c.instance.recycle(spare)
		}
		if !direct {
			return true
		}
	}
	next := batch[len(batch)-1].Sequence + 1
	select {
	case o.batches <- batch:
		o.path.next = max(o.path.next, next)

		return true
	default:
		return false
	}
}

// waitForRoom gives an owner a batch once it has room. Where others have nothing
// to do meanwhile, it waits no longer than they can bear: then the owner reads
// alone from here on.
func (c *common) waitForRoom(ctx context.Context, o *owner, batch []event.Record) error {
	next := batch[len(batch)-1].Sequence + 1
	ticker := time.NewTicker(heldTick)
	defer ticker.Stop()
	changed, urgent := c.changed, false
	for {
		select {
		case o.batches <- batch:
			o.path.next = max(o.path.next, next)

			return nil
		case <-o.over: // it was given up
			c.instance.recycle(batch)

			return nil
		case <-changed: // whoever waits for that waits for this
			changed, urgent = nil, true
		case now := <-ticker.C:
			if (urgent || c.idle()) && o.path.hold(now, heldTick) {
				c.part(o, batch)

				return nil
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// part lets an owner read alone, beginning with a batch.
func (c *common) part(o *owner, batch []event.Record) {
	c.instance.recycle(batch)
	o.path.leave()
	o.readers.Add(1)
	c.alone(o, 0)
}

// idle says whether an owner that is served directly has nothing to do.
func (c *common) idle() bool {
	for _, o := range c.served {
		if o != nil && o.path.direct.Load() && len(o.batches) == 0 {
			return true
		}
	}

	return false
}

// note remembers what records say beside what they are.
func (i *Instance) note(o *owner, batch []event.Record) {
	for r := range batch {
		if batch[r].Lane != event.LaneControl && !batch[r].Forged {
			o.progress.heard.Store(true)

			break
		}
	}
	i.server.hear(batch[len(batch)-1].Stored, time.Now())
}
