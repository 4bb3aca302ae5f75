package pipeline

import (
	"context"
	"sync/atomic"
	"time"
)

// progressLook is what the reader tells the ticker.
type progressLook struct {
	records atomic.Uint64 // read so far
	stored  atomic.Int64  // store time of the last one, Unix ms
}

func (l *progressLook) saw(records []Record) {
	l.records.Add(uint64(len(records)))
	l.stored.Store(records[len(records)-1].Stored)
}

// tick gives idle partitions a clock: it publishes a tick where nothing else
// came for a cut interval. Inside an import the import's own ticks do this,
// and while a backlog is worked off the records themselves. A partition that
// has never had a record has nothing to wait for; a tick would only set its
// clock to now, and history that is imported after it would all be late.
func (i *Instance) tick(ctx context.Context) error {
	ticker := time.NewTicker(i.config.CutInterval)
	defer ticker.Stop()
	var before uint64
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			records := i.look.records.Load()
			busy := records != before
			old := now.UnixMilli()-i.look.stored.Load() > 3*i.config.CutInterval.Milliseconds()
			before = records
			if busy && old {
				continue
			}
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
