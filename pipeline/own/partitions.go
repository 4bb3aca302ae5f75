package own

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// This file starts and stops single partitions, and gives up those that another
// instance has taken over. The others don't notice.

// stage is how far an instance has come.
type stage uint8

const (
	waiting  stage = iota // for Run
	serving               // Run lets partitions begin and end
	finished              // Run is about to end, or has ended
)

// launch is a partition that is to run from a change of the set on.
type launch struct {
	owner  *owner
	change uint64
}

// errEnded says that the instance stops.
var errEnded = errors.New("the instance stops or has stopped")

// claimEvery is how often an instance looks whether partitions that have had
// nothing to store are still its own.
const claimEvery = time.Minute

// Start takes a partition over, as NewInstance does, and runs it. It returns once
// its state is restored; it catches up after that. One that runs here already
// stays as it is. It may be called from any goroutine, once there is an instance
// and until it stops.
//
// Where it fails nothing has changed here; the partition's former owner may be
// fenced.
func (i *Instance) Start(ctx context.Context, partition int) error {
	leave, err := i.enter(ctx, partition)
	if err != nil {
		return err
	}
	defer leave()
	if i.owners.all()[partition] != nil {
		return nil
	}
	c, err := i.claim(ctx, partition)
	if err != nil {
		return err
	}
	era, err := i.era(ctx)
	if err != nil {
		return err
	}
	o, err := i.bringOwnerBack(ctx, c, era)
	if err != nil {
		return err
	}

	return i.begin(o)
}

// begin gives a partition to its owner, and lets it run where the others do.
func (i *Instance) begin(o *owner) error {
	i.mu.Lock()
	if i.stage == finished {
		i.mu.Unlock()

		return fmt.Errorf("start partition %d: %w", o.partition, errEnded)
	}
	change, _ := i.owners.set(o.partition, nil, o)
	runs := i.stage == serving
	i.mu.Unlock()
	if !runs {
		return nil
	}
	o.readers.Add(1) // here, so that a stop right after this waits for it
	select {
	case i.begins <- launch{o, change}:
		return nil
	case <-i.ended: // it never ran
		o.readers.Done()
		i.owners.set(o.partition, o, nil)

		return fmt.Errorf("start partition %d: %w", o.partition, errEnded)
	}
}

// Stop lets a partition go: what was read of it is processed and committed, its
// state stored where it stands, and its claim released, so that another instance
// may start it at once. One that does not run here stays as it is. It may be
// called from any goroutine.
//
// Where ctx ends before, the partition is given up as it is: ErrStopTimeout.
// Nothing is lost by that, the next owner makes again what was not committed.
func (i *Instance) Stop(ctx context.Context, partition int) error {
	leave, err := i.enter(ctx, partition)
	if err != nil {
		return err
	}
	defer leave()
	o := i.owners.all()[partition]
	if o == nil {
		return nil
	}
	o.stopped.Store(true)
	i.mu.Lock()
	change, here := i.owners.set(partition, o, nil)
	stage := i.stage
	i.mu.Unlock()
	switch {
	case !here: // another has just taken it over
		return nil
	case stage == waiting: // nothing was read
		return o.committer.release(ctx)
	case stage == serving:
		i.part(ctx, o, change)
	}
	select {
	case <-o.over:
	case <-ctx.Done():
		o.leave(ErrStopTimeout)
		<-o.over
	}
	if o.err != nil {
		return fmt.Errorf("stop partition %d: %w", partition, o.err)
	}

	return nil
}

// part waits until nobody hands anything over to an owner, and tells it that
// nothing more comes.
func (i *Instance) part(ctx context.Context, o *owner, change uint64) {
	for next := i.owners.followed(change); next != nil; next = i.owners.followed(change) {
		select {
		case <-next:
		case <-i.ended:
			return // the end of the instance ends it
		case <-o.over:
			return
		case <-ctx.Done():
			return
		}
	}
	close(o.halted)
	o.readers.Wait()
	o.noMore()
}

// noMore says that no batch follows. Nobody hands any over by then.
func (o *owner) noMore() { o.closing.Do(func() { close(o.batches) }) }

// leave ends both goroutines of an owner where they stand.
func (o *owner) leave(why error) {
	select {
	case o.quit <- why:
	default: // it was told before
	}
}

// enter waits until nobody else starts or stops a partition.
func (i *Instance) enter(ctx context.Context, partition int) (leave func(), err error) {
	if err := i.checkPartition(partition); err != nil {
		return nil, err
	}
	select {
	case i.turns[partition] <- struct{}{}:
		return func() { <-i.turns[partition] }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// lost gives a partition up that another instance has taken over. It reports
// whether any is left.
func (i *Instance) lost(o *owner) (left bool) {
	i.owners.set(o.partition, o, nil)
	if i.options.Lost != nil {
		i.options.Lost(o.partition, o.err)
	}

	return len(i.owners.here()) > 0
}

// watchClaims looks now and again whether the partitions are still this
// instance's. One that has nothing to store would not notice.
func (i *Instance) watchClaims(ctx context.Context) error {
	return repeat(ctx, always(claimEvery), func() error {
		i.lookAtClaims(ctx)

		return nil
	})
}

// lookAtClaims gives up the partitions that another instance has claimed.
func (i *Instance) lookAtClaims(ctx context.Context) {
	for _, o := range i.owners.here() {
		held, _, err := i.ports.Manifests.Load(ctx, o.partition)
		if err == nil && held.Nonce != "" && held.Nonce != i.options.Nonce { // not one that is being released
			err = ErrFenced
		}
		if errors.Is(err, ErrFenced) {
			o.leave(fmt.Errorf("manifest of partition %d: %w", o.partition, err))
		}
		if ctx.Err() != nil {
			return
		}
	}
}
