package own

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"ebb/pipeline/shard"
)

// survey looks whether this program can go on from what is stored of every
// partition, before it claims one or changes anything: who can't, as a program that
// is too old for the snapshots, leaves a running one alone.
func (i *Instance) survey(ctx context.Context) error {
	group, looking := errgroup.WithContext(ctx)
	for partition := range i.config.Partitions {
		group.Go(func() error {
			held, _, err := i.ports.Manifests.Load(looking, partition)
			if err != nil {
				return fmt.Errorf("read the manifest of partition %d: %w", partition, err)
			}
			if held.Partitions != i.config.Partitions {
				return nil // a setting, of which adopt says what to do
			}

			return CheckManifest(held, i.config)
		})
	}

	return group.Wait()
}

// checkSections refuses a partition whose snapshot a newer program wrote.
func checkSections(m *Manifest) error {
	if err := m.Sections.Check(shard.SnapshotVersions()); err != nil {
		return fmt.Errorf("%w %d: snapshot %s: %w", ErrRecovery, m.Partition, m.Snapshot, err)
	}

	return nil
}

// SnapshotFormat is the format of a partition's snapshot; 0 where there is none.
func (m *Manifest) SnapshotFormat() int {
	if m.Snapshot == "" {
		return 0
	}
	if format := m.Sections.Format(); format > 0 {
		return format
	}

	return shard.FormatFive // which did not say so
}
