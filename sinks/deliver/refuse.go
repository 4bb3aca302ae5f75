package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/origin"
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

// setAside publishes m as a dead letter, trying until ctx ends. A dead letter
// that the sink refuses is in its stream already.
func (l *loader) setAside(ctx context.Context, m *message, cause error) error {
	if l.kind != DeadLetters {
		err := l.repeat(ctx, func() error {
			era, err := l.eraOf(ctx, m)
			if err == nil {
				_, err = l.feed.js.PublishMsg(ctx, l.deadLetter(m, era, cause), jetstream.WithMsgID(l.messageID(m)))
			}

			return err
		}, func(err error, in time.Duration) {
			l.log.Warn("dead letter not published; trying again", "sequence", m.Sequence, "error", err, "in", in)
		})
		if err != nil {
			return err
		}
	}
	l.counters.Refused.Add(1)
	l.log.Error("sink refuses a message; it is set aside as dead letter "+RefusedReason+", the rest goes on",
		"sequence", m.Sequence, "subject", m.Subject, "error", cause)

	return nil
}

// maxErrorText bounds the words of an error in a header.
const maxErrorText = 1 << 10

// eraOf is the era of a message: the one that it names, or, where it can't be
// read, that of the input stream as it is; 0 where there is none.
func (l *loader) eraOf(ctx context.Context, m *message) (int64, error) {
	var named struct {
		Era int64 `json:"era"`
	}
	if err := json.Unmarshal(m.Data, &named); err == nil && named.Era > 0 && named.Era < sinks.MaxTime {
		return named.Era, nil
	}
	input, err := l.feed.js.Stream(ctx, l.feed.cfg.StreamPrefix)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("stream %s: %w", l.feed.cfg.StreamPrefix, err)
	}

	return origin.Of(input.CachedInfo()).UnixMilli(), nil
}

func (l *loader) deadLetter(m *message, era int64, cause error) *nats.Msg {
	out := nats.NewMsg(l.feed.cfg.Prefix + ".deadletters." + RefusedReason)
	out.Data = m.Data
	out.Header.Set(sinks.HeaderReason, RefusedReason)
	out.Header.Set(sinks.HeaderSequence, strconv.FormatUint(m.Sequence, 10))
	out.Header.Set(sinks.HeaderPartition, strconv.Itoa(m.partition()))
	out.Header.Set(sinks.HeaderClock, strconv.FormatInt(m.stored.UnixMilli(), 10))
	out.Header.Set(sinks.HeaderSubject, m.Subject)
	out.Header.Set(sinks.HeaderError, headerText(cause.Error()))
	if era > 0 {
		out.Header.Set(sinks.HeaderEra, strconv.FormatInt(era, 10))
	}

	return out
}

// messageID lets the server drop the second of two that a retry published.
func (l *loader) messageID(m *message) string {
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
