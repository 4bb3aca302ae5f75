package own

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
// the next and removing the last. Those of partitions that others run are theirs.
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

// named are the snapshots that the manifests name, by the partitions that are still
// this instance's.
func (i *Instance) named(ctx context.Context) (map[int]string, error) {
	named := make(map[int]string)
	for _, o := range i.owners.here() {
		held, _, err := i.ports.Manifests.Load(ctx, o.partition)
		if err != nil {
			return nil, err
		}
		if held.Nonce == i.options.Nonce {
			named[o.partition] = held.Snapshot
		}
	}

	return named, nil
}

// sweep lets nothing be stored meanwhile, and keeps what was stored and is not
// named yet.
func (s *saver) sweep(ctx context.Context, named func(context.Context) (map[int]string, error)) error {
	s.storing.Lock()
	defer s.storing.Unlock()
	_, err := s.snapshots.Sweep(ctx, func(ctx context.Context) (func(name string) bool, error) {
		own, err := named(ctx)
		if err != nil {
			return nil, err
		}

		return func(name string) bool {
			var partition int
			if _, err := fmt.Sscanf(name, "p.%d.", &partition); err != nil {
				return true // not a snapshot's name
			}
			is, ours := own[partition]

			return !ours || name == is || name == s.fresh[partition]
		}, nil
	})

	return err
}
