package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
	"ebb/pipeline/jetstream"
	"ebb/sinks/feed"
)

// statusCommand is `ebb status`.
type statusCommand struct {
	JSON   bool         `name:"json" help:"Print JSON."`
	NATS   NATSConfig   `embed:"" prefix:"nats." group:"NATS"`
	Stream StreamConfig `embed:"" prefix:"stream." group:"Stream"`
	Log    LogConfig    `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb status --help.
func (statusCommand) Help() string {
	return "Reads NATS alone, so it works while no instance runs. BEHIND counts the events and history records of the partition " +
		"that the stream holds after its last commit; a history record may hold many rows. " +
		"Of the risks of about two horizons, it shows what they said and what came, by segment, where there are at least " +
		"100 independent cases, 10 of them lost and 10 back.\n\n" +
		examples(
			"ebb status",
			"ebb status --nats.url nats://nats:4222",
			"ebb status --json | jq '[.partitions[].behind] | max'",
		)
}

// status is what `ebb status --json` prints.
type status struct {
	Stream     streamStatus            `json:"stream"`
	Import     *jetstream.ImportStatus `json:"import"` // the newest one; null if there was none
	Partitions []partitionStatus       `json:"partitions"`
	Loss       lossStatus              `json:"loss"` // of recent events
	Readers    []readerStatus          `json:"readers"`
	Sink       []feed.Position         `json:"sink"`    // null where none has begun
	Quality    *qualityStatus          `json:"quality"` // of the risks; null before the first outcomes
	Signals    *signalStatus           `json:"signals"` // null before the first learning step

	given given
}

// streamStatus is the state of the input stream.
type streamStatus struct {
	Name     string    `json:"name"`
	Messages uint64    `json:"messages"`
	Bytes    uint64    `json:"bytes"`
	First    uint64    `json:"first_sequence"`
	Last     uint64    `json:"last_sequence"`
	LastTime time.Time `json:"last_time"`
}

// partitionStatus is how far a partition has come.
type partitionStatus struct {
	Partition     int               `json:"partition"`
	Started       bool              `json:"started"` // false: no owner has ever taken it
	Cursor        uint64            `json:"cursor"`
	CursorTime    time.Time         `json:"cursor_time,omitzero"` // when the record at the cursor was stored
	Behind        uint64            `json:"behind"`
	Cut           uint64            `json:"cut"`
	Snapshot      uint64            `json:"snapshot_sequence"`
	Generation    uint64            `json:"generation"`
	Logic         int               `json:"logic_version"`
	Config        string            `json:"config_hash"`
	ConfigVersion uint64            `json:"config_version"` // in force at the cursor; see ebb config show
	Clock         time.Time         `json:"clock,omitzero"` // of the partition, at the cursor
	Leap          *leapStatus       `json:"leap"`           // of store times, while one is held; else null
	Feed          feedStatus        `json:"feed"`
	Gone          pipeline.Gone     `json:"gone"`        // customers who are no longer known
	Markers       map[string]uint64 `json:"marker_cuts"` // by output stream: cut whose outputs are stored

	loss pipeline.Loss
}

// feedStatus is what is silent in a partition's input at the cursor.
type feedStatus struct {
	Silent   bool       `json:"silent"`   // the input as a whole
	Channels []string   `json:"channels"` // those that are silent
	Since    *time.Time `json:"since"`    // of the longest of these silences; null without one
	Held     int        `json:"held"`     // customers whose signal waits for the feed
}

func feedStatusOf(f *pipeline.FeedState) feedStatus {
	status := feedStatus{Silent: f.Silent, Channels: f.SilentChannels(), Held: f.Held}
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

// Run asks NATS and prints.
func (c *statusCommand) Run(ctx context.Context, to streams) error {
	js, err := c.NATS.connectJetStream(ctx, c.Log.logger(to.err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()

	found, err := readStatus(ctx, js, c.Stream.layout())
	if err != nil {
		return err
	}
	found.given = to.given
	for i, warning := range found.Loss.Warnings {
		found.Loss.Warnings[i] = to.given.in(warning)
	}
	if c.JSON {
		return json.NewEncoder(to.out).Encode(found)
	}

	return found.print(to.out)
}

func readStatus(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) (*status, error) {
	stream, err := js.Stream(ctx, layout.Stream)
	if errors.Is(err, natsjs.ErrStreamNotFound) {
		return nil, noStream(layout)
	}
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", layout.Stream, err)
	}
	state := stream.CachedInfo().State
	found := &status{Stream: streamStatus{
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
	var loss pipeline.Loss
	for i := range found.Partitions {
		loss.Add(found.Partitions[i].loss)
	}
	found.Loss = lossStatusOf(loss)
	if found.Readers, err = readReaders(ctx, js, layout); err != nil {
		return nil, err
	}
	if found.Sink, err = feed.Positions(ctx, js, sinkFeed(layout)); err != nil {
		return nil, err
	}
	found.Quality, found.Signals, err = readQuality(ctx, js, layout)

	return found, err
}

// noStream says how to come by the input stream.
func noStream(layout jetstream.Layout) error {
	return fmt.Errorf("there is no stream %s; `ebb run` with the same settings creates it, or set stream.prefix to that of yours", layout.Stream)
}

func readPartitions(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) ([]partitionStatus, error) {
	manifests, err := jetstream.NewManifests(ctx, js, layout)
	if err != nil {
		return nil, err
	}
	outputs := jetstream.NewOutputs(js, layout)
	partitions := make([]partitionStatus, layout.Partitions)
	cursors := make([]uint64, layout.Partitions)
	for i := range partitions {
		manifest, revision, err := manifests.Load(ctx, i)
		if err != nil {
			return nil, err
		}
		partitions[i] = partitionStatus{
			Partition: i, Started: revision > 0,
			Cursor: manifest.Cursor, CursorTime: timeOf(manifest.CursorClock),
			Cut: manifest.Cut, Snapshot: manifest.SnapshotAt, Generation: manifest.Generation,
			Logic: manifest.LogicVersion, Config: manifest.Config.Hash, ConfigVersion: manifest.Config.Version,
			Clock:   timeOf(manifest.Clock),
			Leap:    leapStatusOf(&manifest.Leap),
			Feed:    feedStatusOf(&manifest.Feed),
			Gone:    manifest.Gone,
			loss:    manifest.Loss,
			Markers: make(map[string]uint64, pipeline.Streams),
		}
		for stream := range pipeline.Stream(pipeline.Streams) {
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

// timeOf is a time in Unix ms; the zero time where there was none.
func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}

	return time.UnixMilli(ms).UTC()
}

// readReaders lists the durable consumers of the output streams: the sinks,
// and services that subscribed.
func readReaders(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) ([]readerStatus, error) {
	readers := []readerStatus{}
	for _, output := range []pipeline.Stream{pipeline.Rollups, pipeline.Signals, pipeline.DeadLetters} {
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
