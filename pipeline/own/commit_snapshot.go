package own

import (
	"context"
	"errors"
	"fmt"
)

// A snapshot is stored beside the commits. The manifest names it only once the
// cuts before it are committed, so that nothing that they publish is left out;
// and what comes after is published again, and found to be stored.

// take keeps a snapshot that was stored until it can be named. One that still
// waits, or is older than the named one, is not needed any more.
func (c *committer) take(ctx context.Context, s *saving) {
	if c.stored != nil && c.stored.state.Sequence > s.state.Sequence {
		s, c.stored = c.stored, s
	}
	if c.stored != nil && c.stored.name != s.name {
		_ = c.ports.Snapshots.Delete(ctx, c.stored.name) // else it is swept
	}
	c.stored = s
}

// nameSnapshot lets the manifest name a snapshot that is in the store, once
// that may be, and removes the one that it named before.
func (c *committer) nameSnapshot(ctx context.Context) error {
	s := c.stored
	if s == nil || s.state.Cuts > c.manifest.Cut {
		return nil
	}
	c.stored = nil
	previous := c.manifest.Snapshot
	if s.name == previous {
		return nil
	}
	if s.state.Sequence < c.manifest.SnapshotAt {
		_ = c.ports.Snapshots.Delete(ctx, s.name) // else it is swept

		return nil
	}
	c.manifest.Snapshot, c.manifest.Sections = s.name, s.state.Versions()
	c.manifest.SnapshotAt = s.state.Sequence
	c.manifest.SnapshotClock = s.stored
	c.manifest.SnapshotHash = s.hash
	c.manifest.ReadTo = s.readTo
	c.manifest.Erased = max(c.manifest.Erased, s.state.Erase.To)
	if c.idle.at == s.state.Sequence {
		c.manifest.ReadTo = max(s.readTo, c.idle.readTo)
	}
	if s.state.Sequence > c.manifest.Cursor { // what is pending stands in the snapshot
		c.manifest.Cursor = s.state.Sequence
		c.manifest.CursorClock = s.stored
		c.manifest.CursorHash = s.hash
	}
	if err := c.save(ctx); err != nil {
		return err
	}
	c.erase = &s.state.Erase // nothing needs the records any more
	if previous != "" {
		// The manifest no longer names it; what fails to be removed is swept.
		_ = c.ports.Snapshots.Delete(ctx, previous)
	}

	return nil
}

// idleSpan says that the stream held nothing of the partition behind the record at,
// up to readTo.
type idleSpan struct{ at, readTo uint64 }

// noteIdle notes how far the stream was read where the partition has nothing behind
// its snapshot. Where it has, the snapshot that is on its way says it: one that
// was taken at a cut doesn't know it, and learns it when it is named.
func (c *committer) noteIdle(ctx context.Context, s *sealed) error {
	if err := c.noteBase(ctx, s); err != nil {
		return err
	}
	c.idle = idleSpan{s.at, s.readTo}
	if s.saving != nil || c.manifest.SnapshotAt != s.at || s.readTo <= max(c.manifest.ReadTo, c.manifest.SnapshotAt) {
		return nil
	}
	c.manifest.ReadTo = s.readTo

	return c.save(ctx)
}

// noteBase writes where the shard began, before anything is published.
func (c *committer) noteBase(ctx context.Context, s *sealed) error {
	if c.manifest.Base.Sequence > 0 || s.first.sequence == 0 {
		return nil
	}
	c.manifest.Base.Sequence = s.first.sequence
	c.manifest.Base.Clock = s.first.stored
	c.manifest.Base.Hash = s.first.hash

	return c.save(ctx)
}

// release lets the partition go once everything is committed: another may claim
// it at once, and whoever looks sees that nobody runs it. Where another has by
// now, it is released.
func (c *committer) release(ctx context.Context) error {
	free := c.manifest
	free.Nonce, free.Owner = "", ""

	return c.retry(ctx, func() error {
		_, err := c.ports.Manifests.Save(ctx, free, c.revision)
		if err == nil {
			return nil
		}
		held, revision, loadErr := c.ports.Manifests.Load(ctx, free.Partition)
		if loadErr != nil {
			return errors.Join(err, loadErr)
		}
		if held.Nonce != c.manifest.Nonce {
			return nil
		}
		c.revision = revision

		return fmt.Errorf("release partition %d: %v", free.Partition, err) //nolint:errorlint // so that the retry does not take it for a fence
	})
}
