package own

import (
	"context"
	"time"
)

// commitAll commits the cuts in order until there are no more, and names the
// snapshots that get stored meanwhile.
func (o *owner) commitAll(ctx context.Context) error {
	expected := 0 // snapshots on their way into the store
	for cuts := o.cuts; cuts != nil || expected > 0; {
		var lingered <-chan time.Time
		if left, some := o.committer.lingers(); some {
			lingered = time.After(left)
		}
		select {
		case s, more := <-cuts:
			if !more {
				cuts = nil
				if err := o.commitGathered(ctx, false); err != nil {
					return err
				}

				continue
			}
			if s.saving != nil {
				expected++
				o.saver.save(s.saving)
			}
			if err := o.commit(ctx, s, len(cuts) > 0); err != nil {
				return err
			}
		case stored := <-o.saved:
			expected--
			if stored.err != nil {
				return stored.err
			}
			o.committer.take(ctx, stored)
		case <-lingered:
			if err := o.commitGathered(ctx, len(cuts) > 0); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := o.committer.nameSnapshot(ctx); err != nil {
			return err
		}
		o.progress.erase.Store(o.committer.erase)
		o.progress.storing.Store(0)
		o.progress.trouble.Store(nil)
	}
	if o.committer.unsaved > 0 {
		if err := o.committer.save(ctx); err != nil {
			return err
		}
	}

	return o.committer.release(ctx)
}

func (o *owner) commit(ctx context.Context, s *sealed, more bool) error {
	o.progress.storing.Store(time.Now().UnixMilli())
	if o.committer.gathers(s) {
		if !o.committer.gathered.roomFor(s.cut) {
			if err := o.commitGathered(ctx, true); err != nil {
				return err
			}
		}
		if full, err := o.committer.gather(ctx, s); !full || err != nil {
			return err
		}

		return o.commitGathered(ctx, more)
	}
	if err := o.commitGathered(ctx, true); err != nil {
		return err
	}
	if s.cut == nil {
		return o.committer.noteIdle(ctx, s)
	}
	if err := o.committer.commit(ctx, s, more); err != nil {
		return err
	}
	if !s.cut.Part {
		o.progress.committed.Store(s.cut.Sequence)
	}

	return nil
}

// commitGathered commits what was gathered, if anything was.
func (o *owner) commitGathered(ctx context.Context, more bool) error {
	if _, some := o.committer.lingers(); some {
		o.progress.storing.Store(time.Now().UnixMilli())
	}
	last, err := o.committer.commitGathered(ctx, more)
	if err == nil && last != nil {
		o.progress.committed.Store(last.Sequence)
	}

	return err
}
