package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/origin"
)

// Target says from where a stream is to be read again: one of a sequence, a
// time, and with neither the first message there is.
type Target struct {
	Sequence uint64
	Time     time.Time // when a message was stored
}

// Rewound says what Rewind does to one stream.
type Rewound struct {
	Stream   string     `json:"stream"`
	Written  uint64     `json:"written_sequence"` // up to where the sink has written; 0 where it has not begun
	From     uint64     `json:"from_sequence"`    // first message that is read again; 0 where none is
	Stored   *time.Time `json:"from_time"`        // when that was stored
	Messages uint64     `json:"messages"`         // read again, up to the one written last
	Gone     uint64     `json:"gone_sequence"`    // messages up to here are asked for, and the stream no longer holds them; 0: none
	Note     string     `json:"note,omitempty"`
}

// ErrForward says that a cursor would be put ahead of what is written.
var ErrForward = errors.New("messages that are not written would be left out")

// Rewind puts the cursor of a stream back, so that the sink writes again what
// comes after it: a feed that runs begins there within seconds, another when it
// starts. It never puts a cursor forward. With dry it only says what it would
// do.
func Rewind(ctx context.Context, js jetstream.JetStream, cfg Config, kind Stream, to Target, dry bool) (Rewound, error) {
	cfg.setDefaults()
	r := Rewound{Stream: cfg.StreamPrefix + "_" + kind.String()}
	stream, err := js.Stream(ctx, r.Stream)
	if err != nil {
		return r, fmt.Errorf("stream %s: %w", r.Stream, err)
	}
	info := stream.CachedInfo()
	bucket, err := js.KeyValue(ctx, cfg.Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		r.Note = "no sink has begun to read it"

		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("bucket %s of the sinks' cursors: %w", cfg.Bucket, err)
	}
	kept := &cursors{bucket: bucket, sink: cfg.Name}
	at, found, err := kept.load(ctx, r.Stream)
	toStart := to == (Target{})
	switch {
	case errors.Is(err, errUnreadable) && toStart:
		at = cursor{Sequence: info.State.LastSeq, Created: origin.Of(info)}
	case err != nil:
		return r, err
	case !found:
		r.Note = "the sink has not begun to read it"

		return r, nil
	case !at.Created.Equal(origin.Of(info)):
		r.Note = "it was made anew since the sink last read it; the sink begins with its first message anyway"

		return r, nil
	}
	r.Written = at.Sequence
	if to.Sequence > at.Sequence+1 {
		return r, fmt.Errorf("sequence %d of stream %s: %w, those after %d; name one of 1 to %d",
			to.Sequence, r.Stream, ErrForward, at.Sequence, max(at.Sequence, 1))
	}
	position, err := r.find(ctx, stream, to)
	if err != nil || dry || position >= at.Sequence {
		return r, err
	}

	at.Sequence, at.Rewound = position, time.Now().UnixNano()
	data, err := json.Marshal(at)
	if err != nil {
		return r, err
	}
	// Whatever a running sink saves meanwhile: its next save finds this one.
	if _, err := bucket.Put(ctx, kept.key(r.Stream), data); err != nil {
		return r, fmt.Errorf("cursor of sink %s on stream %s: %w", cfg.Name, r.Stream, err)
	}

	return r, nil
}

// find looks up what lies between the target and the last message written, and
// returns the sequence to put the cursor at.
func (r *Rewound) find(ctx context.Context, stream jetstream.Stream, to Target) (uint64, error) {
	state := stream.CachedInfo().State
	start := jetstream.ConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(to.Sequence, 1)}
	if !to.Time.IsZero() {
		start = jetstream.ConsumerConfig{DeliverPolicy: jetstream.DeliverByStartTimePolicy, OptStartTime: &to.Time}
	}
	if state.FirstSeq > 1 && max(to.Sequence, 1) < state.FirstSeq && (to.Time.IsZero() || state.Msgs == 0 || to.Time.Before(state.FirstTime)) {
		r.Gone = state.FirstSeq - 1
	}
	first, stored, pending, err := peek(ctx, stream, start)
	if err != nil {
		return 0, err
	}
	if first == 0 {
		return state.LastSeq, nil
	}
	if first > r.Written {
		return first - 1, nil
	}
	_, _, rest, err := peek(ctx, stream, jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: r.Written + 1,
	})
	if err != nil {
		return 0, err
	}
	stored = stored.UTC()
	r.From, r.Stored, r.Messages = first, &stored, max(pending, rest)-rest

	return first - 1, nil
}

// peek returns the first message from a start on, 0 where there is none, and how
// many there are.
func peek(ctx context.Context, stream jetstream.Stream, start jetstream.ConsumerConfig) (first uint64, stored time.Time, count uint64, err error) {
	name := stream.CachedInfo().Config.Name
	start.AckPolicy = jetstream.AckNonePolicy
	start.InactiveThreshold = time.Minute
	start.MemoryStorage = true
	consumer, err := stream.CreateConsumer(ctx, start)
	if err != nil {
		return 0, stored, 0, fmt.Errorf("reader of stream %s: %w", name, err)
	}
	info := consumer.CachedInfo()
	defer stream.DeleteConsumer(context.WithoutCancel(ctx), info.Name) //nolint:errcheck // it ends by itself, too
	if count = info.NumPending; count == 0 {
		return 0, stored, 0, nil
	}
	message, err := consumer.Next(jetstream.FetchMaxWait(10 * time.Second))
	if err != nil {
		return 0, stored, 0, fmt.Errorf("first message of stream %s: %w", name, err)
	}
	meta, err := message.Metadata()
	if err != nil {
		return 0, stored, 0, fmt.Errorf("first message of stream %s: %w", name, err)
	}

	return meta.Sequence.Stream, meta.Timestamp, count, nil
}
