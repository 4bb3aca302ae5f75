package feed

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ebb/sinks"
)

// RefusedReason is the reason of a message that the sink refuses. Its dead
// letter has the subject <prefix>.deadletters.sink_refused, the message's
// bytes, its sequence in its own stream as Ebb-Sequence, and its subject.
const RefusedReason = "sink_refused"

// readable are the messages of the batch that have rows.
func (b *batch) readable() []*message {
	bad := make(map[*message]bool, len(b.unreadable))
	for _, r := range b.unreadable {
		bad[r.message] = true
	}
	good := make([]*message, 0, len(b.messages))
	for _, m := range b.messages {
		if !bad[m] && !sinks.Marker(m.Subject) {
			good = append(good, m)
		}
	}

	return good
}

// separate writes messages that are refused as a whole. Rows that no sink keeps
// are told without asking one; those that this sink refuses are found by halving
// the messages until the bad ones stand alone. Messages with such rows are set
// aside.
func (l *lane) separate(ctx context.Context, check func(context.Context) error, messages []*message) error {
	rows, refused := l.sift(messages)
	err := l.try(ctx, check, rows, slog.Uint64("first", messages[0].Sequence))
	switch {
	case err == nil:
		for _, r := range refused {
			if err := l.setAside(ctx, r.message, r.err); err != nil {
				return err
			}
		}

		return nil
	case !errors.Is(err, sinks.ErrRefused):
		return err
	case len(messages) == 1:
		return l.salvage(ctx, check, messages[0], rows)
	}
	middle := len(messages) / 2
	for _, half := range [][]*message{messages[:middle], messages[middle:]} {
		if err := l.separate(ctx, check, half); err != nil {
			return err
		}
	}

	return nil
}

// sift decodes the messages without the rows that no sink keeps, and says whose
// these are.
func (l *lane) sift(messages []*message) (rows *sinks.Batch, refused []refusal) {
	rows = &sinks.Batch{}
	for _, m := range messages {
		alone := &sinks.Batch{}
		_ = decode(l.kind, alone, m) // it decoded before, so it does now
		if err := alone.Check(); err != nil {
			refused = append(refused, refusal{m, err})
		}
		_ = decode(l.kind, rows, m)
	}
	_ = rows.Sift() // the reasons are known

	return rows, refused
}

// salvage writes those of the rows of one message that the sink takes, and sets
// the message aside for the others.
func (l *lane) salvage(ctx context.Context, check func(context.Context) error, m *message, rows *sinks.Batch) error {
	cause, err := l.writeTaken(ctx, check, m, rows)
	if err != nil || cause == nil {
		return err
	}

	return l.setAside(ctx, m, cause)
}

// writeTaken writes the rows that the sink takes. It returns why it refuses
// one of the others, and an error when ctx ends.
func (l *lane) writeTaken(ctx context.Context, check func(context.Context) error, m *message, rows *sinks.Batch) (refused, err error) {
	err = l.try(ctx, check, rows, slog.Uint64("first", m.Sequence))
	if !errors.Is(err, sinks.ErrRefused) {
		return nil, err
	}
	if rows.Rows() == 1 {
		return err, nil
	}
	first, second := rows.Halves()
	for _, half := range []*sinks.Batch{first, second} {
		cause, err := l.writeTaken(ctx, check, m, half)
		if err != nil {
			return nil, err
		}
		if cause != nil {
			refused = cause
		}
	}

	return refused, nil
}

// setAside publishes m as a dead letter, trying until ctx ends. A dead letter
// that the sink refuses is in its stream already.
func (l *lane) setAside(ctx context.Context, m *message, cause error) error {
	wait := l.backoff()
	for l.kind != DeadLetters {
		_, err := l.feed.js.PublishMsg(ctx, l.deadLetter(m, cause), jetstream.WithMsgID(l.messageID(m)))
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		pause := wait.next()
		l.log.Warn("dead letter not published; trying again", "sequence", m.Sequence, "error", err, "in", pause)
		sleep(ctx, pause)
	}
	l.counters.Refused.Add(1)
	l.log.Error("sink refuses a message; it is set aside as dead letter "+RefusedReason+", the rest goes on",
		"sequence", m.Sequence, "subject", m.Subject, "error", cause)

	return nil
}

// maxErrorText bounds the words of an error in a header.
const maxErrorText = 1 << 10

func (l *lane) deadLetter(m *message, cause error) *nats.Msg {
	text := headerText(cause.Error())
	out := nats.NewMsg(l.feed.cfg.Prefix + ".deadletters." + RefusedReason)
	out.Data = m.Data
	out.Header.Set(sinks.HeaderReason, RefusedReason)
	out.Header.Set(sinks.HeaderSequence, strconv.FormatUint(m.Sequence, 10))
	out.Header.Set(sinks.HeaderPartition, strconv.Itoa(m.partition()))
	out.Header.Set(sinks.HeaderClock, strconv.FormatInt(m.stored.UnixMilli(), 10))
	out.Header.Set(sinks.HeaderSubject, m.Subject)
	out.Header.Set(sinks.HeaderError, text)

	return out
}

// messageID lets the server drop the second of two that a retry published.
func (l *lane) messageID(m *message) string {
	return RefusedReason + "." + l.stream + "." + strconv.FormatUint(m.Sequence, 10)
}

// headerText makes text fit for a header: one line, of bounded length.
func headerText(text string) string {
	text = text[:min(len(text), maxErrorText)]
	line := []rune(text)
	for i, r := range line {
		if r < ' ' {
			line[i] = ' '
		}
	}

	return string(line)
}
