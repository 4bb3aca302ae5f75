package deliver

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/origin"
	"ebb/sinks"
)

// message is one message of the stream.
type message struct {
	sinks.Message
	raw       jetstream.Msg
	stored    time.Time
	lastKnown uint64 // last sequence of the stream when this one was sent
}

// partition is the one that the subjects of rollups end with, and those of
// signals have before the customer; 0 where there is none.
func (m *message) partition() int {
	tokens := strings.Split(m.Subject, ".")
	for i := len(tokens) - 1; i >= 0 && i >= len(tokens)-2; i-- {
		if n, err := strconv.Atoi(tokens[i]); err == nil {
			return n
		}
	}

	return 0
}

// source is the stream from the cursor on, in order.
type source struct {
	loader   *loader
	cursors  *cursors
	messages jetstream.MessagesContext
	created  time.Time // when the stream was

	era      int64       // newest era among the rows written, Unix ms; 0: not known
	rewound  int64       // of the cursor
	moved    atomic.Bool // the cursor is no longer the one that was saved
	vouched  uint64      // sequence of the cursor that the sink holds
	lulled   uint64      // last sequence of the stream when a lull ended
	due      uint64      // stream sequence that is due
	delivery uint64      // consumer sequence that is due
}

// Of the durable consumer. ackWait is long because waiting for a sink is no
// reason to deliver again: a new session resets the consumer anyway.
const (
	ackWait   = time.Hour
	heartbeat = 5 * time.Second
)

// errDelivery says that a message was sent and did not arrive.
var errDelivery = errors.New("a delivery is missing")

// begin sets the durable consumer to the message after the cursor.
func (l *loader) begin(ctx context.Context) (*source, error) {
	js := l.feed.js
	stream, err := js.Stream(ctx, l.stream)
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", l.stream, err)
	}
	info := stream.CachedInfo()
	cursors, err := openCursors(ctx, js, l.feed.cfg.Bucket, l.feed.cfg.Name, l.feed.cfg.Replicas)
	if err != nil {
		return nil, err
	}
	consumer, err := stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable:       l.feed.cfg.Name,
		Description:   "ebb: writes the stream to the sink " + l.feed.cfg.Name,
		DeliverPolicy: jetstream.DeliverAllPolicy,
		AckPolicy:     jetstream.AckAllPolicy,
		AckWait:       ackWait,
		MaxDeliver:    -1,
		MaxAckPending: -1,
	})
	if err != nil {
		return nil, fmt.Errorf("consumer %s of stream %s: %w", l.feed.cfg.Name, l.stream, err)
	}

	s := &source{loader: l, cursors: cursors, created: origin.Of(info)}
	if err := s.locate(ctx, info.State); err != nil {
		return nil, err
	}
	// The reset also takes back what an earlier session left unacknowledged,
	// and counts deliveries from 1, so that a missing one shows.
	if _, err := stream.ResetConsumerToSequence(ctx, l.feed.cfg.Name, s.due); err != nil {
		return nil, fmt.Errorf("consumer %s of stream %s, reset to sequence %d: %w; this needs nats-server 2.14 or later",
			l.feed.cfg.Name, l.stream, s.due, err)
	}
	s.messages, err = consumer.Messages(
		jetstream.PullMaxBytes(l.feed.cfg.Prefetch),
		jetstream.PullHeartbeat(heartbeat),
	)
	if err != nil {
		return nil, fmt.Errorf("consumer %s of stream %s: %w", l.feed.cfg.Name, l.stream, err)
	}

	return s, nil
}

// locate finds the sequence to begin with.
func (s *source) locate(ctx context.Context, state jetstream.StreamState) error {
	at, found, err := s.cursors.load(ctx, s.loader.stream)
	if err != nil {
		return err
	}
	kept, err := s.loader.feed.sink.Cursor(ctx, s.loader.feed.cfg.Name, s.loader.stream)
	if err != nil {
		s.loader.counters.Down.Store(true)
		s.loader.counters.Retries.Add(1)

		return fmt.Errorf("read up to where the sink holds the stream: %w", err)
	}
	s.loader.counters.Down.Store(false)
	s.vouched = kept.Sequence
	s.agree(&at, &found, kept)
	switch {
	case !found:
		at.Sequence = max(state.FirstSeq, 1) - 1
		s.loader.log.Info("sink begins with the first message of the stream", "sequence", at.Sequence+1)
	case !at.Created.Equal(s.created):
		at.Sequence = max(state.FirstSeq, 1) - 1
		s.loader.log.Warn("the stream was made anew since the sink last read it; beginning with its first message",
			"sequence", at.Sequence+1)
	case at.Sequence > state.LastSeq:
		return fmt.Errorf("stream %s ends at sequence %d, but sink %s has written up to %d: the stream lost its end; "+
			"rewind the sink to the beginning to read it from its start",
			s.loader.stream, state.LastSeq, s.cursors.sink, at.Sequence)
	}

	s.due, s.delivery, s.era, s.rewound = at.Sequence+1, 1, at.Era, at.Rewound
	s.skip(state.FirstSeq, state.FirstSeq)
	s.loader.counters.locate(s.due-1, state.LastSeq)

	return nil
}

// agree compares the cursor with the one that the sink holds beside its rows.
// Where the sink holds less, its database was set back, moved or made again, and
// what is missing is read again; where only the sink knows of one, the bucket
// was lost.
func (s *source) agree(at *cursor, found *bool, kept sinks.Cursor) {
	mine := kept.Sequence > 0 && kept.Created == s.created.UnixNano()
	switch {
	case !*found && mine:
		*at, *found = cursor{Sequence: kept.Sequence, Created: s.created}, true
	case !*found || !at.Created.Equal(s.created) || at.Sequence == 0:
	case !mine:
		s.loader.counters.SetBacks.Add(1)
		s.loader.log.Warn("the database holds nothing that was written of this stream: it is another one, or was made again; reading the stream again",
			"written", at.Sequence)
		at.Sequence, at.Rewound = 0, time.Now().UnixNano()
	case kept.Sequence < at.Sequence:
		s.loader.counters.SetBacks.Add(1)
		s.loader.log.Warn("the database was set back: it holds the stream up to an earlier message than was written; reading again what is missing",
			"written", at.Sequence, "holds", kept.Sequence, "from", kept.Safe+1)
		at.Sequence, at.Rewound = kept.Safe, time.Now().UnixNano()
	}
}

// errSetBack says that the sink holds another cursor than the one it was given.
var errSetBack = errors.New("the sink holds the stream up to another message than was written; beginning from there")

// compare looks whether the sink still holds what it was given: up to the last
// cursor, or up to that of the batch at hand, whose writing may have had an
// unknown outcome.
func (s *source) compare(ctx context.Context, batch uint64) error {
	if s.moved.Load() {
		return fmt.Errorf("stream %s: %w", s.loader.stream, errMoved)
	}
	kept, err := s.loader.feed.sink.Cursor(ctx, s.loader.feed.cfg.Name, s.loader.stream)
	if err != nil {
		return err
	}
	if kept.Sequence != s.vouched && kept.Sequence != batch {
		return fmt.Errorf("stream %s: %w", s.loader.stream, errSetBack)
	}

	return nil
}

// nextUntil is next, and context.DeadlineExceeded where none comes until then.
func (s *source) nextUntil(ctx context.Context, deadline time.Time) (*message, error) {
	waiting, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()

	return s.receive(ctx, waiting)
}

// next returns the next message of the stream.
func (s *source) next(ctx context.Context) (*message, error) {
	return s.receive(ctx, ctx)
}

// receive returns the next message that comes before waiting ends. What is
// looked up about a message that came may take as long as ctx: it is not
// delivered again, so giving up then would lose it.
func (s *source) receive(ctx, waiting context.Context) (*message, error) {
	for {
		raw, err := s.messages.Next(jetstream.NextContext(waiting))
		if err != nil {
			return nil, err
		}
		meta, err := raw.Metadata()
		if err != nil {
			return nil, fmt.Errorf("stream %s: %w", s.loader.stream, err)
		}
		if meta.Sequence.Consumer != s.delivery {
			return nil, fmt.Errorf("%w: stream %s, delivery %d came when %d was due", errDelivery, s.loader.stream, meta.Sequence.Consumer, s.delivery)
		}
		s.delivery++
		if meta.Sequence.Stream < s.due {
			continue // sent again while its batch waits for the sink
		}
		if meta.Sequence.Stream > s.due {
			if err := s.hole(ctx, meta.Sequence.Stream); err != nil {
				return nil, err
			}
		}
		s.due = meta.Sequence.Stream + 1

		m := &message{raw: raw, stored: meta.Timestamp, lastKnown: meta.Sequence.Stream + meta.NumPending}
		m.Message = sinks.Message{Subject: raw.Subject(), Sequence: meta.Sequence.Stream, Data: raw.Data()}
		if s.loader.kind == DeadLetters {
			m.Header = raw.Headers().Get
		}

		return m, nil
	}
}

// hole judges messages that are not there though every delivery is: retention
// took those before the stream's first, the others were deleted one by one,
// as when a customer is forgotten.
func (s *source) hole(ctx context.Context, arrived uint64) error {
	stream, err := s.loader.feed.js.Stream(ctx, s.loader.stream)
	if err != nil {
		return fmt.Errorf("stream %s: %w", s.loader.stream, err)
	}
	s.skip(stream.CachedInfo().State.FirstSeq, arrived)

	return nil
}

// skip counts the messages that were due and lie before the stream's first,
// and before the sequence arrived, as a gap.
func (s *source) skip(first, arrived uint64) {
	end := min(first, arrived)
	if end <= s.due {
		return
	}
	missing := end - s.due
	s.loader.counters.Gaps.Add(1)
	s.loader.counters.Missing.Add(missing)
	s.loader.log.Error("retention removed messages before the sink read them, so their rows are missing. "+
		"To fill them, process the input stream anew under another prefix into another database; "+
		"to prevent it, let the stream keep messages for longer than the sink may be away",
		"first", s.due, "last", end-1, "missing", missing)
	s.due = end
}

// advance saves m as the cursor and acknowledges it, with all before it.
func (s *source) advance(ctx context.Context, m *message) error {
	at := cursor{Sequence: m.Sequence, Created: s.created, Era: s.era, Rewound: s.rewound}
	if err := s.cursors.save(ctx, s.loader.stream, at); err != nil {
		return err
	}
	// Only the cursor counts. The acknowledgment shows in the consumer's state
	// and lets the server forget the delivery.
	if err := m.raw.Ack(); err != nil {
		return fmt.Errorf("acknowledge message %d of stream %s: %w", m.Sequence, s.loader.stream, err)
	}

	return nil
}

func (s *source) close() { s.messages.Stop() }
