package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline"
)

// publishTimeout bounds a batch whose context has no deadline. It is the time
// for which the server keeps a batch that was begun.
const publishTimeout = 10 * time.Second

// Outputs publishes to the output streams. Its methods may be called from
// several goroutines, each with its own partition.
type Outputs struct {
	js     natsjs.JetStream
	layout Layout
}

var _ pipeline.Outputs = (*Outputs)(nil)

// NewOutputs returns the output streams of a layout. It asks the server nothing.
func NewOutputs(js natsjs.JetStream, layout Layout) *Outputs {
	return &Outputs{js, layout.WithDefaults()}
}

// Marker reads the last marker of a partition from the stream's leader; the
// zero Marker where there is none.
func (o *Outputs) Marker(ctx context.Context, stream pipeline.Stream, partition int) (pipeline.Marker, error) {
	subject := o.layout.MarkerSubject(stream, partition)
	message, err := leader{o.js, o.layout.StreamName(stream)}.last(ctx, subject)
	if errors.Is(err, errNotFound) {
		return pipeline.Marker{}, nil
	}
	if err != nil {
		return pipeline.Marker{}, err
	}

	var marker pipeline.Marker
	if err := json.Unmarshal(message.Data, &marker); err != nil {
		return pipeline.Marker{}, fmt.Errorf("marker %s at sequence %d: %w; "+
			"something other than ebb published to this subject", subject, message.Sequence, err)
	}
	marker.Stored = message.Sequence

	return marker, nil
}

// Publish stores messages and the marker after them in one atomic batch, if the
// last stored marker has the sequence last. Messages may be none.
//
// ErrFenced: another marker was stored since, and nothing of this batch is.
// ErrUnknownOutcome: no answer came; the batch is stored as a whole or not at
// all, now or in a moment. Read the marker, and should a repeated Publish then
// be fenced, read it once more: it may be this one's own.
// After any other error nothing is stored.
func (o *Outputs) Publish(ctx context.Context, stream pipeline.Stream, partition int, last uint64,
	messages []pipeline.Message, marker pipeline.Marker) (uint64, error) {
	if len(messages) >= MaxBatch {
		return 0, fmt.Errorf("a batch of %d messages and a marker: the server takes %d; split the cut into chunks",
			len(messages), MaxBatch)
	}
	if err := o.layout.checkPartition(partition); err != nil {
		return 0, err
	}
	body, err := json.Marshal(marker)
	if err != nil {
		return 0, err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, publishTimeout)
		defer cancel()
	}

	send := func(first bool) (uint64, error) {
		b := newBatch(o.js, o.layout.StreamName(stream), first)
		for i := range messages {
			m := &messages[i]
			if err := b.add(ctx, o.layout.Prefix+"."+m.Subject, m.Header, m.Data); err != nil {
				return 0, err
			}
		}
		return b.commit(ctx, o.layout.MarkerSubject(stream, partition), body, last)
	}

	stored, err := send(false)
	if incomplete(err) {
		// The server dropped the batch before its end: it changed its leader,
		// or too many batches are open. Once more, and with the first answer.
		stored, err = send(true)
	}

	return stored, err
}
