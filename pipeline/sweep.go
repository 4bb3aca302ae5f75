package pipeline

import (
	"context"
	"fmt"
	"time"
)

// sweepEvery is how often the store of snapshots is looked through. A crash
// leaves one behind at most for each partition.
const sweepEvery = time.Hour

// sweep removes snapshots that no manifest names, at the start and then now and
// again: those that a crash left between storing and naming, or between naming
// the next and removing the last.
func (i *Instance) sweep(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		if err := i.saver.sweep(ctx, i.named); err != nil && ctx.Err() == nil {
			i.options.Observer.Retried(fmt.Errorf("look for snapshots that nobody needs: %w", err))
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// named are the snapshots that the manifests name. It fails where another owner
// has taken a partition over: what there is may be that one's.
func (i *Instance) named(ctx context.Context) (map[string]bool, error) {
	keep := make(map[string]bool)
	for partition := range i.owners {
		held, _, err := i.ports.Manifests.Load(ctx, partition)
		if err != nil {
			return nil, err
		}
		if held.Nonce != i.options.Nonce {
			return nil, fmt.Errorf("partition %d: %w", partition, ErrFenced)
		}
		keep[held.Snapshot] = true
	}

	return keep, nil
}

// sweep lets nothing be stored meanwhile, and keeps what was stored and is not
// named yet.
func (s *saver) sweep(ctx context.Context, named func(context.Context) (map[string]bool, error)) error {
	s.storing.Lock()
	defer s.storing.Unlock()
	_, err := s.snapshots.Sweep(ctx, func(ctx context.Context) (map[string]bool, error) {
		keep, err := named(ctx)
		if err != nil {
			return nil, err
		}
		for _, name := range s.fresh {
			keep[name] = true
		}

		return keep, nil
	})

	return err
}
