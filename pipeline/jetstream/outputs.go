package jetstream

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// publishTimeout bounds a batch whose context has no deadline. It is the time
// for which the server keeps a batch that was begun.
const publishTimeout = 10 * time.Second

// Outputs publishes to the output streams. Its methods may be called from
// several goroutines, each with its own partition.
type Outputs struct {
	js        natsjs.JetStream
	layout    Layout
	keys      *keyring
	strangers strangers
	groups    [shard.Streams]group
}

var _ own.Outputs = (*Outputs)(nil)

// NewOutputs returns the output streams of a layout. It asks the server nothing.
func NewOutputs(js natsjs.JetStream, layout Layout) *Outputs {
	layout = layout.WithDefaults()
	o := &Outputs{js: js, layout: layout, keys: newKeyring(js, layout)}
	for stream := range o.groups {
		o.groups[stream].js, o.groups[stream].stream = js, layout.StreamName(shard.Stream(stream))
	}

	return o
}

// OnStranger tells of messages that others published on the markers' subjects.
// It is called before anything else.
func (o *Outputs) OnStranger(tell func(Stranger)) *Outputs {
	o.strangers.tell = tell
	return o
}

// sealedMarker is a marker as it is stored: with the sequence of the message
// before it on its subject, so that a copy of it can't pass for it.
type sealedMarker struct {
	own.Marker
	After uint64 `json:"after"`
}

// Marker reads ebb's own last marker of a partition from the stream's leader; a
// Marker that is not Stored where there is none. A stranger's message behind it
// is passed over and told; it is the Marker's Fence.
func (o *Outputs) Marker(ctx context.Context, stream shard.Stream, partition int, known uint64) (own.Marker, error) {
	key, err := o.keys.get(ctx)
	if err != nil {
		return own.Marker{}, err
	}
	name, subject := o.layout.StreamName(stream), o.layout.MarkerSubject(stream, partition)
	found, marker, err := o.searchMarker(ctx, key, name, subject, known)
	if err == nil && found.strange() {
		o.strangers.met(Stranger{Subject: subject, Sequence: found.fence})
	}
	if err == nil && !found.own() {
		found, marker, err = o.searchFormer(ctx, key, name, found, o.layout.formerMarkerSubject(stream, partition), known)
	}
	if err != nil {
		return own.Marker{}, o.heal(ctx, stream, err)
	}
	if !found.own() {
		marker := own.Marker{Fence: found.fence}
		if known > 0 {
			state, err := leader{o.js, name}.state(ctx)
			if err != nil {
				return own.Marker{}, err
			}
			marker.Anew = state.Last < known
		}

		return marker, nil
	}
	marker.Stored, marker.Fence = found.Sequence, found.fence

	return marker, nil
}

// searchMarker looks for ebb's own last marker on a subject.
func (o *Outputs) searchMarker(ctx context.Context, key *sealKey, name, subject string, known uint64) (latest, own.Marker, error) {
	read := func(message *stored) (marker sealedMarker, ok bool) {
		readable := json.Unmarshal(message.Data, &marker) == nil && marker.Cut > 0
		return marker, readable && (key.sealed(subject, message.Data) || key.before(name, message.Sequence))
	}
	found, err := search{
		leader: leader{o.js, name}, subject: subject, chained: true,
		own: func(message *stored) (uint64, bool) {
			marker, ok := read(message)
			return marker.After, ok
		},
	}.last(ctx, known)
	if err != nil {
		return latest{}, own.Marker{}, err
	}
	marker, _ := read(&found.stored)

	return found, marker.Marker, nil
}

// Publish stores messages and the marker after them in one atomic batch, which it
// may share with other partitions, if the last message on the marker's subject has the sequence last. Messages may be
// none. Statistics go out one by one instead, see publishSingly.
//
// ErrFenced: something was stored there since, and nothing of this batch is.
// ErrUnknownOutcome: no answer came; the batch is stored as a whole or not at
// all, now or in a moment. Read the marker, and should a repeated Publish then
// be fenced, read it once more: it may be this one's own.
// After any other error nothing is stored.
func (o *Outputs) Publish(ctx context.Context, stream shard.Stream, partition int, last uint64,
	messages []shard.Message, marker own.Marker) (uint64, error) {
	if len(messages) >= MaxBatch {
		return 0, fmt.Errorf("a batch of %d messages and a marker: the server takes %d; split the cut into chunks",
			len(messages), MaxBatch)
	}
	if err := o.layout.checkPartition(partition); err != nil {
		return 0, err
	}
	key, err := o.keys.get(ctx)
	if err != nil {
		return 0, err
	}
	body, err := json.Marshal(sealedMarker{marker, last})
	if err != nil {
		return 0, err
	}
	subject := o.layout.MarkerSubject(stream, partition)
	p := publication{ctx: ctx, last: last, marker: batchMessage{subject: subject, data: key.sealBody(subject, body)}}
	for i := range messages {
		m := &messages[i]
		p.messages = append(p.messages, batchMessage{o.layout.Prefix + "." + m.Subject, o.headerOf(key, stream, m), m.Data})
	}
	if last == 0 {
		if err := o.closeFormer(ctx, key, stream, partition); err != nil {
			return 0, o.heal(ctx, stream, err)
		}
	}
	publish := o.groups[stream].publish
	if stream == shard.Statistics {
		publish = o.groups[stream].publishSingly
	}
	stored, err := publish(&p)
	if err != nil {
		return 0, o.heal(ctx, stream, err)
	}

	return stored, nil
}

// headerOf adds a seal to statistics: the coordinator reads them, and what it
// answers decides about everybody.
func (o *Outputs) headerOf(key *sealKey, stream shard.Stream, m *shard.Message) map[string]string {
	if stream != shard.Statistics {
		return m.Header
	}
	header := map[string]string{headerSeal: key.sum(o.layout.Prefix+"."+m.Subject, m.Data)}
	maps.Copy(header, m.Header)

	return header
}
