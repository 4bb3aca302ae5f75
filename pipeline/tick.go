package pipeline

import (
	"context"
	"time"
)

// tick gives idle partitions a clock: it publishes a tick where nothing else
// came for a cut interval. Inside an import the import's own ticks do this. The
// wall clock says when to ask, not what time it is: a tick has the time at which
// it is stored, so one too many behind a backlog does no harm. A partition that
// has never had a record has nothing to wait for; a tick would only set its
// clock to now, and history that is imported after it would all be late.
func (i *Instance) tick(ctx context.Context) error {
	ticker := time.NewTicker(i.config.CutInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			for partition, o := range i.owners {
				heard := o.progress.heard.Swap(false)
				if heard || o.progress.frozen.Load() || o.progress.taken.Load() == 0 {
					continue
				}
				if err := i.ports.Input.Tick(ctx, partition); err != nil {
					i.options.Observer.Retried(err) // the next tick makes up for it
				}
			}
		}
	}
}
