package own

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"ebb/pipeline/meaning"
	"ebb/pipeline/shard"
)

// atOnce bounds how many snapshots are on their way into the process and being
// decoded: their bytes are in memory twice, and a server cuts off who has too
// many coming.
const atOnce = 4

// takeOver makes this instance the owner of partitions and brings their shards
// back: claim each manifest, read the markers, restore the snapshot of
// sequence S, and later read on from S + 1. What was published after S is made
// again and found to be stored.
func (i *Instance) takeOver(ctx context.Context, partitions []int) error {
	of := len(partitions)
	i.options.Observer.Restoring(0, of)
	claimed := make([]*committer, of)
	group, claiming := errgroup.WithContext(ctx)
	for n, partition := range partitions {
		group.Go(func() (err error) {
			claimed[n], err = i.claim(claiming, partition)

			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}

	era, err := i.era(ctx)
	if err != nil {
		return err
	}

	var mu sync.Mutex // so that the counts come in order
	done := 0
	group, restoring := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, c := range claimed {
		group.Go(func() error {
			o, err := i.bringOwnerBack(restoring, c, era)
			if err != nil {
				return err
			}
			i.owners.set(o.partition, nil, o)
			mu.Lock()
			defer mu.Unlock()
			done++
			i.options.Observer.Restoring(done, of)

			return nil
		})
	}

	return group.Wait()
}

// era is when the input stream was made.
func (i *Instance) era(ctx context.Context) (int64, error) {
	era, err := i.ports.Input.Era(ctx)
	if err != nil {
		return 0, fmt.Errorf("read when the input stream was made: %w", err)
	}

	return era, nil
}

// bringOwnerBack restores the shard of a claimed partition, and makes its owner.
func (i *Instance) bringOwnerBack(ctx context.Context, c *committer, era int64) (*owner, error) {
	shard, err := i.bringBack(ctx, c)
	if err != nil {
		return nil, err
	}
	shard.BelongTo(era)
	if err := HashWith(ctx, i.ports.Input, shard); err != nil {
		return nil, err
	}
	o, counts := newOwner(shard, c, i.saver, i.processors, i.handedOver), shard.Counts()
	o.pace = newPace(time.Now(), i.options.SnapshotInterval, counts.Events(),
		c.manifest.Snapshot != "", float64(o.partition+1)/float64(i.config.Partitions))

	return o, nil
}

// HashWith gives a shard the key that its input has.
func HashWith(ctx context.Context, input any, sh *shard.Shard) error {
	keyed, ok := input.(Keyed)
	if !ok {
		return nil
	}
	key, err := keyed.HashKey(ctx)
	if err != nil {
		return fmt.Errorf("read the key of who was forgotten: %w", err)
	}
	sh.HashWith(key)

	return nil
}

// claim makes this instance the owner of a partition, and looks whether what is
// stored fits together.
func (i *Instance) claim(ctx context.Context, partition int) (*committer, error) {
	c := &committer{ports: i.ports, newest: i.version.Load(), observer: i.options.Observer, retries: newPauses(), savedAt: time.Now(), markerAge: i.options.MarkerAge}
	if err := c.claim(ctx, i.config, i.options.Nonce, i.options.Name, partition); err != nil {
		return nil, err
	}
	for stream := range shard.Stream(shard.Streams) {
		if err := c.readMarker(ctx, stream); err != nil {
			return nil, err
		}
	}

	return c, nil
}

// claimTries bounds how often a claim is repeated when its outcome is unknown
// or another instance claims at the same time.
const claimTries = 8

// claim writes a new generation and nonce by compare-and-set: from then on a
// former owner's commits are refused. On an unknown outcome the nonce in the
// bucket says whether the claim took effect.
func (c *committer) claim(ctx context.Context, config meaning.Config, nonce, name string, partition int) error {
	var failed error
	for range claimTries {
		held, revision, err := c.ports.Manifests.Load(ctx, partition)
		if err != nil {
			return fmt.Errorf("read the manifest of partition %d: %w", partition, err)
		}
		if held == (Manifest{}) { // none yet, or deleted to begin anew
			held = Manifest{
				Partition: partition, Partitions: config.Partitions,
				LogicVersion: meaning.LogicVersion, Architecture: meaning.Architecture(), Base: Base{Config: c.newest},
			}
		}
		if err := CheckManifest(held, config); err != nil {
			return err
		}
		c.manifest, c.revision = held, revision
		if held.Nonce == nonce {
			return nil
		}
		c.manifest.Generation++
		c.manifest.Nonce, c.manifest.Owner = nonce, name
		if c.revision, failed = c.ports.Manifests.Save(ctx, c.manifest, revision); failed == nil {
			return nil
		}
		if err := c.retries.wait(ctx); err != nil {
			return errors.Join(failed, err)
		}
	}

	return fmt.Errorf("claim partition %d: %w", partition, failed)
}

// CheckManifest says whether an instance with this configuration could take a
// partition over. It claims nothing. ErrRecovery: another logic, number of
// partitions or architecture began it.
func CheckManifest(m Manifest, config meaning.Config) error {
	if m == (Manifest{}) {
		return nil
	}
	refuse := func(what string, held, ours any) error {
		return fmt.Errorf("%w %d: it was run with %s %v, and this is %v; run it as before, or "+startAnew,
			ErrRecovery, m.Partition, what, held, ours)
	}
	switch {
	case m.Partitions != config.Partitions:
		return refuse("partitions", m.Partitions, config.Partitions)
	case m.LogicVersion != meaning.LogicVersion:
		return refuse("logic version", m.LogicVersion, meaning.LogicVersion)
	case m.Architecture != meaning.Architecture():
		return refuse("architecture", m.Architecture, meaning.Architecture())
	}

	return checkSections(&m)
}

// startAnew is the last remedy. Emptying a stream would not do: its sequences,
// and so the versions of rows, would go on, and rows that the new run does not
// make again would stay. Of streams that are made anew the rows have a new era,
// and take the place of the former ones.
const startAnew = "start anew: delete the input and output streams and the buckets of manifests and snapshots, " +
	"which are made again, and import the history again"

// readMarker reads a stream's marker and checks that it is not older than the
// manifest says: then retention or a loss took published outputs away.
func (c *committer) readMarker(ctx context.Context, stream shard.Stream) error {
	marker, err := c.ports.Outputs.Marker(ctx, stream, c.manifest.Partition, c.manifest.Markers[stream])
	if err != nil {
		return fmt.Errorf("read the marker of partition %d on %s: %w", c.manifest.Partition, stream, err)
	}
	// Statistics can be said again, and of a stream that was made anew there is
	// nothing left to wait for: what follows the snapshot is published again.
	if marker.Stored < c.manifest.Markers[stream] && stream != shard.Statistics && !marker.Anew {
		return fmt.Errorf("%w %d: the marker on %s has sequence %d, but the manifest knows of %d; "+
			"restore the stream from a backup, or "+startAnew,
			ErrRecovery, c.manifest.Partition, stream, marker.Stored, c.manifest.Markers[stream])
	}
	c.markers[stream] = marker

	return nil
}

// bringBack brings a partition's shard back to its snapshot. Where there is
// none, or it is lost, the shard begins again at its base, as long as the input
// stream holds everything from there on.
func (i *Instance) bringBack(ctx context.Context, c *committer) (*shard.Shard, error) {
	m := &c.manifest
	if err := CheckInput(ctx, i.ports.Input, m); err != nil {
		return nil, err
	}
	if m.Snapshot == "" {
		return c.beginAgain(ctx, i.config, nil)
	}
	sh, err := Restore(ctx, i.ports.Snapshots, i.ports.Configs, i.config, m)
	if lost := errors.Is(err, ErrNoSnapshot) || errors.Is(err, shard.ErrSnapshot); !lost {
		return sh, err
	}

	return c.beginAgain(ctx, i.config, err)
}

// CheckInput makes sure that the input stream still holds the records that the
// cursor and the snapshot stand on, with the same time and bytes; or, where it
// lost them to its limits, that nothing is missing behind the snapshot.
func CheckInput(ctx context.Context, input RecordReader, m *Manifest) error {
	if m.Cursor > 0 {
		err := checkRecord(ctx, input, m.Cursor, m.CursorClock, m.CursorHash)
		if errors.Is(err, ErrNoRecord) {
			err = checkErased(ctx, input, m, m.Cursor)
		}
		if errors.Is(err, ErrNoRecord) && m.Cursor == m.SnapshotAt {
			err = checkIdle(ctx, input, m)
		}
		if err != nil {
			return explainInput(m.Partition, "cursor", m.Cursor, err)
		}
	}
	if m.Snapshot != "" && m.SnapshotAt != m.Cursor {
		err := checkRecord(ctx, input, m.SnapshotAt, m.SnapshotClock, m.SnapshotHash)
		if errors.Is(err, ErrNoRecord) {
			err = checkErased(ctx, input, m, m.SnapshotAt)
		}
		if err != nil {
			return explainInput(m.Partition, "snapshot", m.SnapshotAt, err)
		}
	}

	return nil
}

// checkErased makes sure that a record which is not there may have been erased because
// somebody was forgotten, and that nothing is missing behind the snapshot: records are
// erased up to the snapshot at most. Where the stream was rewound, its reader finds out.
func checkErased(ctx context.Context, input RecordReader, m *Manifest, sequence uint64) error {
	if sequence > m.Erased {
		return ErrNoRecord
	}
	first, err := input.First(ctx)
	if err == nil && first > max(sequence, m.Erased)+1 {
		err = ErrNoRecord
	}

	return err
}

// checkIdle makes sure that the stream's front lies within the idle time of a
// partition, where the stream held none of its records.
func checkIdle(ctx context.Context, input RecordReader, m *Manifest) error {
	first, err := input.First(ctx)
	if err != nil {
		return err
	}
	if first <= m.SnapshotAt || first > max(m.ReadTo, m.SnapshotAt)+1 {
		return ErrNoRecord
	}

	return nil
}

// errOtherRecord says that a record is not the one that was read before.
var errOtherRecord = errors.New("it is another record")

func checkRecord(ctx context.Context, input RecordReader, sequence uint64, clock int64, hash string) error {
	stored, data, err := input.Record(ctx, sequence)
	if err != nil {
		return err
	}
	if stored != clock || Fingerprint(data) != hash {
		return errOtherRecord
	}

	return nil
}

func explainInput(partition int, what string, sequence uint64, err error) error {
	switch {
	case errors.Is(err, ErrNoRecord):
		return fmt.Errorf("%w %d: its %s stands at sequence %d, which the input stream does not hold; "+
			"raise the stream's retention and restore the stream, or %s",
			ErrRecovery, partition, what, sequence, giveUp(partition))
	case errors.Is(err, errOtherRecord):
		return fmt.Errorf("%w %d: record %d of the input stream is not the one its %s was taken at "+
			"(the stream was rewound or made anew); "+startAnew,
			ErrRecovery, partition, sequence, what)
	}

	return fmt.Errorf("read record %d: %w", sequence, err)
}

// giveUp is the last remedy.
func giveUp(partition int) string {
	return fmt.Sprintf("delete the key p.%d from the bucket of manifests, and the partition begins anew "+
		"with what the stream holds, without what it knew of customers before", partition)
}

// Restore brings the shard of a manifest back to its snapshot, or to the
// beginning.
func Restore(ctx context.Context, snapshots SnapshotReader, configs ConfigReader, config meaning.Config, m *Manifest) (*shard.Shard, error) {
	if m.Snapshot == "" {
		return NewShardAt(ctx, configs, config, m)
	}
	data, err := snapshots.Get(ctx, m.Snapshot)
	if err != nil {
		return nil, fmt.Errorf("read snapshot %s: %w", m.Snapshot, err)
	}
	sh, err := shard.RestoreShard(config, m.Partition, data)
	if err != nil {
		return nil, fmt.Errorf("snapshot %s: %w", m.Snapshot, err)
	}
	if sh.Sequence() != m.SnapshotAt {
		return nil, fmt.Errorf("%w %d: snapshot %s is of sequence %d, the manifest says %d; restore the object store",
			ErrRecovery, m.Partition, m.Snapshot, sh.Sequence(), m.SnapshotAt)
	}

	return sh, nil
}

// Fingerprint tells one record's bytes from another's.
func Fingerprint(data []byte) string {
	return strconv.FormatUint(xxh3.Hash(data), 16)
}
