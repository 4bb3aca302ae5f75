package own

import (
	"context"
	"time"

	"ebb/pipeline/clock"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
	"ebb/pipeline/section"
	"ebb/pipeline/shard"
)

// Marker is the high-water mark and fence of one partition on one output
// stream. It is the last message of every atomic batch.
type Marker struct {
	Cut      uint64 `json:"cut"`      // number of the cut, from 1
	Chunk    int    `json:"chunk"`    // of the cut's chunks, from 1
	Of       int    `json:"of"`       // how many chunks the cut has
	Sequence uint64 `json:"sequence"` // version of the cut: a sequence of the input stream

	// Stored is the marker's own sequence in the output stream; 0 where there
	// is none yet.
	Stored uint64 `json:"-"`

	// Fence is the sequence of the last message on the marker's subject: what
	// the next batch expects to be there. It is Stored, unless a stranger
	// published to the subject since.
	Fence uint64 `json:"-"`

	// Anew says that there is no marker because the stream was deleted and made
	// anew: it ends before the one that is known.
	Anew bool `json:"-"`
}

// Outputs publishes to the output streams.
type Outputs interface {
	// Marker reads ebb's own last marker from the stream's leader; a Marker
	// without Stored where there is none. known is the sequence of one that was
	// the last before, 0 for none: it saves a search where strangers published.
	Marker(ctx context.Context, stream shard.Stream, partition int, known uint64) (Marker, error)

	// Publish stores messages and the marker after them in one atomic batch,
	// on the condition that the last message on the marker's subject has the
	// sequence last. It returns the sequence of the new marker. ErrFenced:
	// something was published there since. Any other error leaves the outcome
	// unknown: read the marker to know it.
	Publish(ctx context.Context, stream shard.Stream, partition int, last uint64, messages []shard.Message, marker Marker) (uint64, error)
}

// Manifest says up to where a partition's input has been turned into stored
// outputs, and from which snapshot to start again.
type Manifest struct {
	Partition     int                   `json:"partition"`
	Generation    uint64                `json:"generation"`        // one more with every taking over
	Nonce         string                `json:"nonce"`             // of the owner; "" where it was released
	Owner         string                `json:"owner,omitzero"`    // who that is, for people
	Cursor        uint64                `json:"cursor"`            // last record whose outputs are stored; 0 before the first
	CursorClock   int64                 `json:"cursor_clock"`      // store time of that record
	CursorHash    string                `json:"cursor_hash"`       // of its bytes
	Cut           uint64                `json:"cut"`               // number of the last committed cut
	Snapshot      string                `json:"snapshot"`          // name of the snapshot, "" where there is none
	Sections      section.Versions      `json:"sections,omitzero"` // of the snapshot; "" of format 5
	SnapshotAt    uint64                `json:"snapshot_at"`       // its sequence S: read on from S + 1
	SnapshotClock int64                 `json:"snapshot_clock"`    // store time of record S
	SnapshotHash  string                `json:"snapshot_hash"`     // of the bytes of record S
	Markers       [shard.Streams]uint64 `json:"markers"`           // sequences of the last markers
	Partitions    int                   `json:"partitions"`
	LogicVersion  int                   `json:"logic_version"`
	Config        meaning.Force         `json:"config"` // in force at the cursor
	Architecture  string                `json:"architecture"`
	Feed          shard.FeedState       `json:"feed,omitzero"`    // at the cut, for people to see
	Leap          clock.Leap            `json:"leap,omitzero"`    // the same
	Loss          shard.Loss            `json:"loss,omitzero"`    // the same
	Gone          shard.Gone            `json:"gone,omitzero"`    // the same
	Clock         int64                 `json:"clock,omitzero"`   // of the cut, Unix ms; the same
	Base          Base                  `json:"base,omitzero"`    // where the partition began
	ReadTo        uint64                `json:"read_to,omitzero"` // beside the snapshot's records, the stream held none of the partition up to here
	Erased        uint64                `json:"erased,omitzero"`  // records up to here may have been erased, because somebody was forgotten
}

// Base is where a partition began: what to do when there is no snapshot, or it
// is lost. As long as the stream holds the base, everything can be made again
// from it.
//
// A stream may lose its front before the first snapshot is stored. Then the
// partition begins anew with what the stream still holds: its cuts get numbers
// that have not been used, and what was published before is left out by the
// place in the input, because the cuts lie elsewhere now.
type Base struct {
	Sequence uint64                `json:"sequence"`        // of the first record; 0 before it
	Clock    int64                 `json:"clock"`           // store time of that record
	Hash     string                `json:"hash"`            // of its bytes
	Config   uint64                `json:"config,omitzero"` // version of the configuration that it began with
	Cuts     uint64                `json:"cuts,omitzero"`   // numbers that were used before
	Skip     [shard.Streams]uint64 `json:"skip,omitzero"`   // by output stream: what follows from records up to here was published before
}

// Manifests is the bucket of manifests.
type Manifests interface {
	// Load returns the manifest and its revision; revision 0 where there is
	// none yet.
	Load(ctx context.Context, partition int) (Manifest, uint64, error)

	// Save replaces revision by m and returns the new revision. ErrFenced:
	// the bucket holds another revision.
	Save(ctx context.Context, m Manifest, revision uint64) (uint64, error)
}

// Snapshots stores the bytes of shards under names.
type Snapshots interface {
	// Put stores bytes, or replaces those of the name, once it has them all.
	Put(ctx context.Context, name string, data []byte) error

	// Get returns what Put stored. ErrNoSnapshot: it is not there.
	// ErrSnapshot: it is damaged.
	Get(ctx context.Context, name string) ([]byte, error)

	// Delete removes a snapshot. One that is not there is no error.
	Delete(ctx context.Context, name string) error

	// Sweep removes what is stored under names that are not to be kept, and what
	// is left of snapshots that were never complete. It asks which are once it
	// knows what there is, and does nothing where that fails.
	Sweep(ctx context.Context, which func(ctx context.Context) (keep func(name string) bool, err error)) (removed int, err error)
}

// Source reads the input stream in order. Records of all partitions that it was
// opened for come through it; those of control lanes too.
type Source interface {
	// Next returns the next records, at least one, waiting for them if need
	// be. The slice is the caller's until the next call.
	Next(ctx context.Context) ([]event.Record, error)
	Close() error
}

// Hearing is a Source that tells when its server last said anything.
type Hearing interface {
	// Heard is when the last record came, or a sign that there is none. It may
	// be called from any goroutine.
	Heard() time.Time
}

// Looking is a Source of some partitions that tells how far it has looked.
type Looking interface {
	// LookedTo is up to which sequence everything that it will ever return was
	// returned, and Next was called after that. It may be called from any
	// goroutine.
	LookedTo() uint64
}

// Keyed is an Input with a key for the hashes that stand for who was forgotten.
type Keyed interface {
	HashKey(ctx context.Context) ([]byte, error)
}

// Judge is an Input that tells which of its errors go away by themselves, so that
// what failed is to be tried again.
type Judge interface {
	Passing(err error) bool
}

// Input is the input stream.
type Input interface {
	PartitionReader

	// Open reads these partitions, or all, from sequence on.
	Open(ctx context.Context, sequence uint64, partitions ...int) (Source, error)

	// Left is how many records of a partition the stream holds from a sequence
	// on.
	Left(ctx context.Context, partition int, sequence uint64) (uint64, error)

	// Last is the sequence of the stream's last record.
	Last(ctx context.Context) (uint64, error)

	// Era is when the stream was made, in Unix ms. Sequences, and so versions,
	// of a stream that was made anew begin at 1 again.
	Era(ctx context.Context) (int64, error)

	// Tick publishes a tick to a partition's control lane.
	Tick(ctx context.Context, partition int) error

	// Join stores who an anonymous customer is in the control lane of their partition.
	// What is stored twice changes nothing.
	Join(ctx context.Context, mark fact.JoinMark) error

	// Move stores where somebody was active under an anonymous id in the control lane of
	// the partition that is theirs. What is stored twice changes nothing.
	Move(ctx context.Context, mark fact.MoveMark) error
}
