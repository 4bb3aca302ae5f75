package own

import (
	"context"
	"errors"
	"fmt"
	"time"

	"ebb/pipeline/event"
)

// roomWithin is how long who reads alone keeps a consumer while the owner has no
// room. roomEvery is how often it looks after that.
const (
	roomWithin = time.Second
	roomEvery  = 10 * time.Millisecond
)

// errNoRoom says that an owner did not take what was read for it.
var errNoRoom = errors.New("the partition takes no more for now")

// readAlone reads one partition until it meets the common reader: a change of the
// partitions that are run begins it, and it waits until the common reader goes by
// that. Few partitions read at a time, and none while it has no room.
func (i *Instance) readAlone(ctx context.Context, o *owner, change uint64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-o.halted:
		case <-o.over:
		case <-ctx.Done():
		}
		cancel()
	}()
	for next := i.owners.followed(change); next != nil; next = i.owners.followed(change) {
		select {
		case <-next:
		case <-ctx.Done():
			return nil
		}
	}
	for {
		if err := i.readPiece(ctx, o); err != nil {
			return Ended(ctx, err)
		}
		for {
			kept, joined := o.path.meet()
			if joined {
				return nil
			}
			if len(kept) == 0 {
				break // something was missed
			}
			for _, batch := range kept {
				if err := o.hand(ctx, batch, 0); err != nil {
					return Ended(ctx, err)
				}
			}
		}
	}
}

// readPiece reads a partition up to the end of the stream, once the owner has
// room. A failure that passes is tried again, with longer pauses as long as nothing
// comes.
func (i *Instance) readPiece(ctx context.Context, o *owner) error {
	retries := newPauses()
	judge, _ := i.ports.Input.(Judge)

	return retries.repeat(ctx, func() error {
		before := o.path.next
		err := i.readRoomy(ctx, o)
		if err == nil {
			return nil
		}
		if o.path.next > before {
			retries.Reset()
		}
		err = fmt.Errorf("read partition %d from record %d: %w", o.partition, o.path.next, err)
		if judge == nil || !judge.Passing(err) {
			return forGood(err)
		}

		return err
	}, i.options.Observer.Retried)
}

// readRoomy reads as readPiece does, but stops at a failure.
func (i *Instance) readRoomy(ctx context.Context, o *owner) error {
	for {
		if err := o.emptied(ctx); err != nil {
			return err
		}
		select {
		case i.alone <- struct{}{}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		o.path.begin()
		err := i.ports.Input.ReadPartition(ctx, o.partition, o.path.next, func(records []event.Record, _ uint64) error {
			if len(records) == 0 {
				return nil
			}

			return i.handOne(ctx, o, append(i.batch(), records...))
		})
		<-i.alone
		if !errors.Is(err, errNoRoom) {
			return err
		}
	}
}

func (i *Instance) handOne(ctx context.Context, o *owner, batch []event.Record) error {
	i.note(o, batch)
	err := o.hand(ctx, batch, roomWithin)
	if err != nil {
		i.recycle(batch)
	}

	return err
}

// hand gives the owner a batch once it has room, within a time; 0 for as long as
// it takes.
func (o *owner) hand(ctx context.Context, batch []event.Record, within time.Duration) error {
	next := batch[len(batch)-1].Sequence + 1
	var late <-chan time.Time
	if within > 0 {
		timer := time.NewTimer(within)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case o.batches <- batch:
		o.path.next = max(o.path.next, next) // what was kept may repeat what was read

		return nil
	case <-late:
		return errNoRoom
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// emptied waits until the owner has taken what it was given.
func (o *owner) emptied(ctx context.Context) error {
	if len(o.batches) == 0 {
		return nil
	}
	ticker := time.NewTicker(roomEvery)
	defer ticker.Stop()
	for len(o.batches) > 0 {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}

	return nil
}
