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

// bisect writes messages that are refused as a whole: it halves them until the
// bad ones stand alone, and sets those aside.
func (l *lane) bisect(ctx context.Context, check func(context.Context) error, messages []*message) error {
	if len(messages) == 1 {
		return l.salvage(ctx, check, messages[0])
	}
	middle := len(messages) / 2
	for _, half := range [][]*message{messages[:middle], messages[middle:]} {
		rows := &sinks.Batch{}
		for _, m := range half {
			_ = decode(l.kind, rows, m) // it decoded before, so it does now
		}
		err := l.try(ctx, check, rows, slog.Uint64("first", half[0].Sequence))
		if errors.Is(err, sinks.ErrRefused) {
			err = l.bisect(ctx, check, half)
		}
		if err != nil {
			return err
		}
	}

	return nil
}

// salvage writes the rows of one message that the sink takes, and sets the
// message aside for the others.
func (l *lane) salvage(ctx context.Context, check func(context.Context) error, m *message) error {
	rows := &sinks.Batch{}
	_ = decode(l.kind, rows, m) // it decoded before, so it does now
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
