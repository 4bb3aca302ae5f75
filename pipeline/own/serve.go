package own

import (
	"context"
	"errors"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
)

// serve runs the owners of the partitions: those there are, and those that are
// started, until the reading ends; then they store what they have and end.
func (i *Instance) serve(reading, work context.Context, group *errgroup.Group) error {
	var driven, alone sync.WaitGroup
	drive := func(o *owner) {
		driven.Add(1)
		group.Go(func() error {
			defer driven.Done()

			return i.drive(work, o, group)
		})
	}
	readAlone := func(o *owner, change uint64) {
		alone.Add(1)
		group.Go(func() error {
			defer alone.Done()
			defer o.readers.Done()

			return i.readAlone(reading, o, change)
		})
	}
	i.mu.Lock()
	i.stage = serving
	first := i.owners.here()
	i.mu.Unlock()
	for _, o := range first {
		drive(o)
	}
	read := make(chan error, 1)
	go func() { read <- i.readAll(reading, first, readAlone) }()

	var err error
	all := slices.Clone(first)
	for ended := false; !ended; {
		select {
		case begun := <-i.begins:
			drive(begun.owner)
			readAlone(begun.owner, begun.change)
			all = append(slices.DeleteFunc(all, (*owner).isOver), begun.owner)
		case err = <-read:
			ended = true
		}
	}
	i.mu.Lock()
	i.stage = finished
	i.mu.Unlock()
	close(i.ended)
	group.Go(func() error {
		alone.Wait()
		i.saver.hurry()
		for _, o := range all {
			o.noMore()
		}
		driven.Wait()
		close(i.saver.captured)

		return nil
	})

	return err // which ends the work, where there is one
}

// drive feeds and commits one partition until no more batches come, or it has to
// be given up. It fails where the instance can't go on.
func (i *Instance) drive(work context.Context, o *owner, group *errgroup.Group) error {
	both, ctx := errgroup.WithContext(work)
	var ends sync.WaitGroup
	ends.Add(2)
	both.Go(func() error {
		defer ends.Done()

		return o.feed(ctx, i.recycle, i.idleEvery())
	})
	both.Go(func() error {
		defer ends.Done()

		return o.commitAll(ctx)
	})
	ended := make(chan struct{})
	go func() {
		ends.Wait()
		close(ended)
	}()
	both.Go(func() error {
		select {
		case err := <-o.quit:
			return err
		case <-ended:
			return nil
		}
	})
	o.err = both.Wait()
	for s := range o.cuts { // closed by now
		o.saver.leave(s.saving)
	}
	close(o.over)
	switch {
	case o.err == nil:
		return nil
	case o.stopped.Load(): // Stop tells
		return nil
	case !errors.Is(o.err, ErrFenced):
		return o.err
	case !i.lost(o):
		return o.err
	}
	group.Go(func() error {
		i.lookAtClaims(work) // whoever takes one seldom takes one alone

		return nil
	})

	return nil
}

// isOver says whether both goroutines of an owner have ended.
func (o *owner) isOver() bool {
	select {
	case <-o.over:
		return true
	default:
		return false
	}
}
