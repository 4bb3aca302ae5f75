package own

import (
	"context"

	"ebb/pipeline/event"
)

// RecordReader reads single records of the input stream.
type RecordReader interface {
	// Record reads one record. ErrNoRecord where the stream no longer, or not
	// yet, holds it.
	Record(ctx context.Context, sequence uint64) (stored int64, data []byte, err error)

	// First is the sequence of the first record that the stream holds; where it
	// holds none, of the next to come.
	First(ctx context.Context) (uint64, error)
}

// PartitionReader reads one partition's part of the input stream.
type PartitionReader interface {
	RecordReader

	// ReadPartition hands take the records of a partition in order, from a
	// sequence on to what is the stream's end when it is called, or a little
	// further. left says about how many follow. It ends with take's error, and
	// with an error where records were removed before they were read.
	ReadPartition(ctx context.Context, partition int, sequence uint64, take func(records []event.Record, left uint64) error) error
}

// ManifestReader is the bucket of manifests, to read.
type ManifestReader interface {
	// Load is that of Manifests.
	Load(ctx context.Context, partition int) (Manifest, uint64, error)
}

// SnapshotReader is the store of snapshots, to read.
type SnapshotReader interface {
	// Get is that of Snapshots.
	Get(ctx context.Context, name string) ([]byte, error)
}
