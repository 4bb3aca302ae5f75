// Package status reads how an installation stands from NATS alone, so also while
// nothing runs, and prints it.
//
// Read read.go first, which has the shape of `ebb status --json`.
package status

import (
	"context"
	"errors"
	"fmt"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/own"
	"ebb/pipeline/section"
	"ebb/pipeline/shard"
	"ebb/sinks/deliver"
)

// Status is what `ebb status --json` prints.
type Status struct {
	Stream     StreamStatus            `json:"stream"`
	Import     *jetstream.ImportStatus `json:"import"`  // the newest one; null if there was none
	Sources    []sourceStatus          `json:"sources"` // null where there are none
	Partitions []PartitionStatus       `json:"partitions"`
	Loss       lossStatus              `json:"loss"` // of recent events
	Readers    []readerStatus          `json:"readers"`
	Sink       []deliver.Position      `json:"sink"`    // null where none has begun
	Quality    *qualityStatus          `json:"quality"` // of the risks; null before the first outcomes
	Signals    *signalStatus           `json:"signals"` // null before the first learning step
}

// StreamStatus is the state of the input stream.
type StreamStatus struct {
	Name     string    `json:"name"`
	Messages uint64    `json:"messages"`
	Bytes    uint64    `json:"bytes"`
	First    uint64    `json:"first_sequence"`
	Last     uint64    `json:"last_sequence"`
	LastTime time.Time `json:"last_time"`
}

// PartitionStatus is how far a partition has come.
type PartitionStatus struct {
	Partition     int               `json:"partition"`
	Started       bool              `json:"started"` // false: no owner has ever taken it
	Owner         string            `json:"owner"`   // instance that has taken it over; "" where it was released
	Cursor        uint64            `json:"cursor"`
	CursorTime    time.Time         `json:"cursor_time,omitzero"` // when the record at the cursor was stored
	Behind        uint64            `json:"behind"`
	Cut           uint64            `json:"cut"`
	Snapshot      uint64            `json:"snapshot_sequence"`
	Format        int               `json:"snapshot_format,omitzero"`   // of the snapshot; 0 where there is none
	Sections      section.Versions  `json:"snapshot_sections,omitzero"` // format, and name.version of each of its sections
	Generation    uint64            `json:"generation"`
	Logic         int               `json:"logic_version"`
	Config        string            `json:"config_hash"`
	ConfigVersion uint64            `json:"config_version"` // in force at the cursor; see ebb config show
	Clock         time.Time         `json:"clock,omitzero"` // of the partition, at the cursor
	Leap          *Leap             `json:"leap"`           // of store times, while one is held; else null
	Feed          Feed              `json:"feed"`
	Gone          shard.Gone        `json:"gone"`        // customers who are no longer known
	Markers       map[string]uint64 `json:"marker_cuts"` // by output stream: cut whose outputs are stored

	loss shard.Loss
}

// Feed is what is silent in a partition's input at the cursor.
type Feed struct {
	Silent   bool       `json:"silent"`   // the input as a whole
	Channels []string   `json:"channels"` // those that are silent
	Since    *time.Time `json:"since"`    // of the longest of these silences; null without one
	Held     int        `json:"held"`     // customers whose signal waits for the feed
}

// FeedOf is what of a feed is silent.
func FeedOf(f *shard.FeedState) Feed {
	status := Feed{Silent: f.Silent, Channels: f.SilentChannels(), Held: f.Held}
	if f.Since > 0 {
		since := time.UnixMilli(f.Since).UTC()
		status.Since = &since
	}

	return status
}

// readerStatus is how far a durable reader of an output stream has come.
type readerStatus struct {
	Stream  string `json:"stream"`
	Name    string `json:"name"`
	Pending uint64 `json:"pending"` // messages it has not acknowledged
}

// Read asks NATS how the installation of a layout stands.
func Read(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) (*Status, error) {
	stream, err := js.Stream(ctx, layout.Stream)
	if errors.Is(err, natsjs.ErrStreamNotFound) {
		return nil, setting.NoStream(layout)
	}
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", layout.Stream, err)
	}
	state := stream.CachedInfo().State
	found := &Status{Stream: StreamStatus{
		Name: layout.Stream, Messages: state.Msgs, Bytes: state.Bytes,
		First: state.FirstSeq, Last: state.LastSeq, LastTime: state.LastTime,
	}}

	last, err := jetstream.LastImport(ctx, js, layout)
	if err != nil {
		return nil, err
	}
	if last.ID != "" {
		found.Import = &last
	}
	if found.Partitions, err = readPartitions(ctx, js, layout); err != nil {
		return nil, err
	}
	var loss shard.Loss
	for i := range found.Partitions {
		loss.Add(found.Partitions[i].loss)
	}
	found.Loss = lossStatusOf(loss)
	if found.Sources, err = readSources(ctx, js, layout); err != nil {
		return nil, err
	}
	if found.Readers, err = readReaders(ctx, js, layout); err != nil {
		return nil, err
	}
	if found.Sink, err = deliver.Positions(ctx, js, setting.SinkFeed(layout)); err != nil {
		return nil, err
	}
	found.Quality, found.Signals, err = readQuality(ctx, js, layout)

	return found, err
}

func readPartitions(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) ([]PartitionStatus, error) {
	manifests, err := jetstream.NewManifests(ctx, js, layout)
	if err != nil {
		return nil, err
	}
	outputs := jetstream.NewOutputs(js, layout)
	partitions := make([]PartitionStatus, layout.Partitions)
	cursors := make([]uint64, layout.Partitions)
	for i := range partitions {
		manifest, revision, err := manifests.Load(ctx, i)
		if err != nil {
			return nil, err
		}
		partitions[i] = PartitionStatus{
			Partition: i, Started: revision > 0, Owner: ownerOf(&manifest),
			Cursor: manifest.Cursor, CursorTime: term.TimeOf(manifest.CursorClock),
			Cut: manifest.Cut, Snapshot: manifest.SnapshotAt, Format: manifest.SnapshotFormat(), Sections: manifest.Sections, Generation: manifest.Generation,
			Logic: manifest.LogicVersion, Config: manifest.Config.Hash, ConfigVersion: manifest.Config.Version,
			Clock:   term.TimeOf(manifest.Clock),
			Leap:    LeapOf(&manifest.Leap),
			Feed:    FeedOf(&manifest.Feed),
			Gone:    manifest.Gone,
			loss:    manifest.Loss,
			Markers: make(map[string]uint64, shard.Streams),
		}
		for stream := range shard.Stream(shard.Streams) {
			marker, err := outputs.Marker(ctx, stream, i, manifest.Markers[stream])
			if err != nil {
				return nil, fmt.Errorf("partition %d: %w", i, err)
			}
			partitions[i].Markers[stream.String()] = marker.Cut
		}
		cursors[i] = max(manifest.Cursor, manifest.SnapshotAt)
	}
	behind, err := jetstream.Behind(ctx, js, layout, cursors)
	if err != nil {
		return nil, err
	}
	for i := range partitions {
		partitions[i].Behind = behind[i]
	}

	return partitions, nil
}

// readReaders lists the durable consumers of the output streams: the sinks,
// and services that subscribed.
func readReaders(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) ([]readerStatus, error) {
	readers := []readerStatus{}
	for _, output := range []shard.Stream{shard.Rollups, shard.Signals, shard.DeadLetters} {
		name := layout.StreamName(output)
		stream, err := js.Stream(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("stream %s: %w", name, err)
		}
		consumers := stream.ListConsumers(ctx)
		for info := range consumers.Info() {
			if info.Config.Durable != "" {
				readers = append(readers, readerStatus{
					Stream: name, Name: info.Name,
					Pending: info.NumPending + uint64(max(info.NumAckPending, 0)),
				})
			}
		}
		if err := consumers.Err(); err != nil {
			return nil, fmt.Errorf("readers of stream %s: %w", name, err)
		}
	}

	return readers, nil
}

// ownerOf names the instance that has taken a partition over.
func ownerOf(m *own.Manifest) string {
	if m.Nonce != "" && m.Owner == "" {
		return "an instance without a name"
	}

	return m.Owner
}
