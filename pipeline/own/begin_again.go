package own

import (
	"context"
	"errors"
	"fmt"

	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
)

// beginAgain gives the shard of a partition without a usable snapshot. lost says
// why there is none, nil where none was ever stored.
//
//   - Nothing was published: it is a new partition.
//   - The stream holds the base: everything is made again from there, and the
//     markers tell what was published.
//   - It holds the base, and records behind it were erased because somebody was
//     forgotten: what they brought about can't be made again, and stays as it was
//     published. The partition begins with what is there, and publishes what comes
//     behind that.
//   - It does not, and no snapshot was ever stored: the stream lost its front
//     while it was read for the first time. The partition begins with what is
//     there now, as if it had been started a little later.
//   - It does not, and there was a snapshot: what it knew can't be made again.
func (c *committer) beginAgain(ctx context.Context, config meaning.Config, lost error) (*shard.Shard, error) {
	m := &c.manifest
	first, whole, err := HoldsBase(ctx, c.ports.Input, m)
	if err != nil {
		return nil, err
	}
	switch {
	case whole && m.Erased > 0 && c.published():
		c.beginAnew()
	case !whole && lost != nil:
		return nil, fmt.Errorf("%w %d: %w; the input stream no longer holds what it was made of; restore the store of snapshots, or %s",
			ErrRecovery, m.Partition, lost, giveUp(m.Partition))
	case !whole && c.published():
		c.beginAnew()
	}
	if lost != nil {
		c.observer.Retried(fmt.Errorf("the state of partition %d is %w from record %d on, which takes longer: %w",
			m.Partition, ErrMadeAgain, max(m.Base.Sequence, first), lost))
	}
	m.DropSnapshot()

	return NewShardAt(ctx, c.ports.Configs, config, m)
}

// HoldsBase says with which record the input stream begins, and whether it holds
// everything of a partition from its base on.
func HoldsBase(ctx context.Context, input RecordReader, m *Manifest) (first uint64, whole bool, err error) {
	if first, err = input.First(ctx); err != nil {
		return 0, false, fmt.Errorf("read where the input stream begins: %w", err)
	}
	if m.Base.Sequence == 0 {
		return first, first <= 1, nil
	}
	err = checkRecord(ctx, input, m.Base.Sequence, m.Base.Clock, m.Base.Hash)
	if errors.Is(err, ErrNoRecord) && m.Base.Sequence <= m.Erased && first <= m.Base.Sequence+1 {
		err = nil // it was erased; were others behind it gone too, their age could be the reason
	}
	if err != nil && !errors.Is(err, ErrNoRecord) {
		return 0, false, explainInput(m.Partition, "first record", m.Base.Sequence, err)
	}

	return first, err == nil, nil
}

// DropSnapshot is for a manifest whose snapshot is lost.
func (m *Manifest) DropSnapshot() {
	m.Snapshot, m.Sections, m.SnapshotAt, m.SnapshotClock, m.SnapshotHash, m.ReadTo = "", "", 0, 0, "", 0
}

// NewShardAt is an empty shard at a partition's base, under the configuration that
// it began with.
func NewShardAt(ctx context.Context, configs ConfigReader, config meaning.Config, m *Manifest) (*shard.Shard, error) {
	version := m.Base.Config
	if version > 0 && configs != nil {
		kept, err := configs.Version(ctx, version)
		if err != nil {
			return nil, fmt.Errorf("partition %d began with version %d of the configuration: %w", m.Partition, version, err)
		}
		config = kept.Config.As(&config)
	}
	sh, err := shard.NewShard(config, m.Partition)
	if err == nil {
		sh.BeginAt(m.Base.Cuts, version)
	}

	return sh, err
}

// published says whether anything of the partition was ever published.
func (c *committer) published() bool {
	for _, marker := range c.markers {
		if marker.Cut > 0 {
			return true
		}
	}

	return false
}

// beginAnew gives the partition another base, which its first record names. The
// last batch of a cut may be missing; then the whole cut is published again,
// which writes the same rows.
func (c *committer) beginAnew() {
	base := Base{Config: c.newest}
	for stream, marker := range c.markers {
		base.Cuts = max(base.Cuts, marker.Cut)
		base.Skip[stream] = marker.Sequence
		if marker.Chunk < marker.Of {
			base.Skip[stream] = marker.Sequence - 1
		}
	}
	c.manifest.Base = base
}
