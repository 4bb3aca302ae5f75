package own

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"ebb/pipeline/shard"
)

// joinsAtOnce bounds how many records of joins are on their way at once.
const joinsAtOnce = 64

// join has the partitions of anonymous customers know who they are, and those of known
// ones where they were active before, ahead of anything else of the cut. So where a marker
// says that something of the cut is stored, the records are; else they are stored again,
// which changes nothing.
func (c *committer) join(ctx context.Context, cut *shard.Cut) error {
	if len(cut.Joins)+len(cut.Moves) == 0 {
		return nil
	}
	for stream := range c.markers {
		if c.markers[stream].Cut >= cut.Number {
			return nil
		}
	}
	group, joining := errgroup.WithContext(ctx)
	group.SetLimit(joinsAtOnce)
	for _, mark := range cut.Joins {
		group.Go(func() error {
			return c.retry(joining, func() error { return c.ports.Input.Join(joining, mark) })
		})
	}
	for _, mark := range cut.Moves {
		group.Go(func() error {
			return c.retry(joining, func() error { return c.ports.Input.Move(joining, mark) })
		})
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("store who joined in cut %d of partition %d: %w", cut.Number, cut.Partition, err)
	}

	return nil
}
