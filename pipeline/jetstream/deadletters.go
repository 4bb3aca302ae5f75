package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/shard"
)

// DeadLetter is a record that no shard could take, as it came.
type DeadLetter struct {
	Sequence uint64 // in the dead-letter stream
	Subject  string // <prefix>.deadletters.<reason>
	Reason   string
	Time     time.Time // when it was set aside
	Header   nats.Header
	Data     []byte // the record's own bytes
}

// DeadLetters reads the dead-letter stream.
type DeadLetters struct {
	js     natsjs.JetStream
	stream string
	prefix string // with the dot
}

// NewDeadLetters returns the dead letters of a layout. It asks the server
// nothing.
func NewDeadLetters(js natsjs.JetStream, layout Layout) *DeadLetters {
	layout = layout.WithDefaults()
	return &DeadLetters{
		js:     js,
		stream: layout.StreamName(shard.DeadLetters),
		prefix: layout.Prefix + "." + shard.DeadLetters.String() + ".",
	}
}

// ErrNoDeadLetter says that the stream does not hold a dead letter.
var ErrNoDeadLetter = errors.New("no such dead letter")

// Get reads one dead letter by its sequence.
func (d *DeadLetters) Get(ctx context.Context, sequence uint64) (DeadLetter, error) {
	message, err := leader{d.js, d.stream}.at(ctx, sequence)
	if err != nil && !errors.Is(err, errNotFound) {
		return DeadLetter{}, err
	}
	reason, ok := d.reason(message.Subject)
	if err != nil || !ok {
		return DeadLetter{}, fmt.Errorf("%w: %d in stream %s; `ebb deadletters list` shows those there are",
			ErrNoDeadLetter, sequence, d.stream)
	}
	header, err := message.header()
	if err != nil {
		return DeadLetter{}, fmt.Errorf("dead letter %d: %w", sequence, err)
	}

	return DeadLetter{sequence, message.Subject, reason, message.Time, header, message.Data}, nil
}

// reason reads the last token of a subject; false for a marker.
func (d *DeadLetters) reason(subject string) (string, bool) {
	reason, ok := strings.CutPrefix(subject, d.prefix)
	return reason, ok && reason != "" && !strings.Contains(reason, ".")
}

// Newest hands the newest dead letters to each, oldest first: at most count of
// them, or all where count is 0. A reason of "" stands for all reasons. It ends
// with the last one that was there, or with each's error.
func (d *DeadLetters) Newest(ctx context.Context, reason string, count int, each func(DeadLetter) error) error {
	if strings.ContainsAny(reason, ".*> \t\r\n") {
		return fmt.Errorf("reason %q: give one word, such as malformed", reason)
	}
	filter := d.prefix + orDefault(reason, "*")

	r, found, err := d.rewind(ctx, filter, count)
	if err != nil {
		return err
	}
	defer r.close()

	skip := 0
	if count > 0 {
		skip = max(found-count, 0)
	}
	for left := found; left > 0; {
		deliveries, err := r.read(ctx)
		if err != nil {
			return err
		}
		for i := range deliveries {
			if left--; left < 0 {
				break
			}
			if skip > 0 {
				skip--
				continue
			}
			if err := each(d.letter(&deliveries[i])); err != nil {
				return err
			}
		}
		if deliveries[len(deliveries)-1].pending == 0 {
			break // the stream's limits removed some of those that were found
		}
	}

	return nil
}

// rewind starts a reader so far before the stream's end that count dead letters
// follow, and reports how many do. The server counts what matches, so nothing
// is read on the way.
func (d *DeadLetters) rewind(ctx context.Context, filter string, count int) (*reader, int, error) {
	state, err := leader{d.js, d.stream}.state(ctx)
	if err != nil {
		return nil, 0, err
	}

	span := state.Last
	if count > 0 {
		span = min(span, uint64(count)*2)
	}
	for {
		r := newReader(d.js, d.stream, state.Last-min(span, state.Last)+1, filter)
		if err := r.start(ctx); err != nil {
			return nil, 0, err
		}
		if all := state.Last-min(span, state.Last)+1 <= max(state.First, 1); all || int(r.atStart) >= count && count > 0 {
			return r, int(r.atStart), nil
		}
		r.close()
		span *= 4
	}
}

func (d *DeadLetters) letter(delivery *delivery) DeadLetter {
	reason, _ := d.reason(delivery.message.Subject)
	return DeadLetter{
		Sequence: delivery.sequence,
		Subject:  delivery.message.Subject,
		Reason:   reason,
		Time:     time.UnixMilli(delivery.stored).UTC(),
		Header:   delivery.message.Header,
		Data:     delivery.message.Data,
	}
}
