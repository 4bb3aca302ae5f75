package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/origin"
)

// Foreign is a stream of somebody else's, from which events are taken. It is only
// read, by a consumer that acknowledges nothing and that the server forgets: neither
// the stream nor its other consumers notice.
type Foreign struct {
	js     natsjs.JetStream
	stream string
	reader *reader
}

// ForeignMessage is a message of it.
type ForeignMessage struct {
	Sequence uint64
	Stored   int64 // Unix ms
	Header   nats.Header
	Data     []byte
	Pending  uint64 // matching messages that follow it by now
}

// ForeignState is how such a stream stands.
type ForeignState struct {
	Created int64 // Unix ms; another one where it was made anew
	First   uint64
	Last    uint64
	LastAt  int64 // Unix ms

	Copies []string // streams of the same account whose messages it holds too: mirrored or as its sources
}

// ErrForeign says that a stream can't be read without changing it.
var ErrForeign = errors.New("the stream can't be read along with")

// LookForeign looks at a stream. ErrForeign: it removes what was read.
func LookForeign(ctx context.Context, js natsjs.JetStream, stream string) (ForeignState, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	found, err := js.Stream(ctx, stream)
	if err != nil {
		return ForeignState{}, fmt.Errorf("stream %s: %w", stream, err)
	}
	info := found.CachedInfo()
	if retention := info.Config.Retention; retention != natsjs.LimitsPolicy {
		return ForeignState{}, fmt.Errorf("%w: stream %s has retention %s, where a reader more changes what is kept; "+
			"read a mirror of it with limits retention: nats stream add %s_MIRROR --mirror %s", ErrForeign, stream, retention, stream, stream)
	}

	var copies []string
	for _, of := range append([]*natsjs.StreamSource{info.Config.Mirror}, info.Config.Sources...) {
		if of != nil && of.External == nil {
			copies = append(copies, of.Name)
		}
	}

	return ForeignState{
		Copies:  copies,
		Created: origin.Of(info).UnixMilli(), First: info.State.FirstSeq, Last: info.State.LastSeq, LastAt: info.State.LastTime.UnixMilli(),
	}, nil
}

// ForeignSince is the sequence of the first message of these subjects, or all, that
// was stored at a time or later; the one after the last where there is none yet.
func ForeignSince(ctx context.Context, js natsjs.JetStream, stream string, at time.Time) (uint64, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	consumer, err := js.CreateConsumer(ctx, stream, natsjs.ConsumerConfig{
		DeliverPolicy: natsjs.DeliverByStartTimePolicy, OptStartTime: &at, AckPolicy: natsjs.AckNonePolicy,
		MemoryStorage: true, Replicas: 1, InactiveThreshold: consumerIdle,
	})
	if err != nil {
		return 0, fmt.Errorf("stream %s: look for the first message since %s: %w", stream, rfc3339(at), err)
	}
	defer func() { _ = js.DeleteConsumer(ctx, stream, consumer.CachedInfo().Name) }() // the server forgets it anyway

	// Nothing was delivered yet: it stands in front of the first one.
	return consumer.CachedInfo().Delivered.Stream + 1, nil
}

// OpenForeign reads from a sequence on, the messages of these subjects, or all.
func OpenForeign(js natsjs.JetStream, stream string, from uint64, subjects ...string) *Foreign {
	if len(subjects) == 0 {
		subjects = []string{">"} // with a filter, a hole is no error: the stream's owner removes what they like
	}

	return &Foreign{js: js, stream: stream, reader: newReader(js, stream, from, subjects...)}
}

// Waiting is how many messages there are to read. It is asked before Next.
func (f *Foreign) Waiting(ctx context.Context) (uint64, error) {
	if err := f.reader.start(ctx); err != nil {
		return 0, err
	}

	return f.reader.atStart, nil
}

// Next returns the next messages, at least one; they are the caller's until the next
// call. It waits for them.
func (f *Foreign) Next(ctx context.Context) ([]ForeignMessage, error) {
	deliveries, err := f.reader.read(ctx)
	if err != nil {
		return nil, err
	}
	messages := make([]ForeignMessage, len(deliveries))
	for i := range deliveries {
		d := &deliveries[i]
		messages[i] = ForeignMessage{Sequence: d.sequence, Stored: d.stored, Header: d.message.Header, Data: d.message.Data, Pending: d.pending}
	}

	return messages, nil
}

// Close ends the reading. It must not be called while Next runs.
func (f *Foreign) Close() { f.reader.close() }

// ForeignPermissions are the subjects to which who reads such a stream has to be
// allowed to publish, beside hearing on their inbox: none of them changes it.
func ForeignPermissions(stream, domain string) []string {
	api := "$JS.API."
	if domain != "" {
		api = "$JS." + domain + ".API."
	}

	return []string{
		api + "STREAM.INFO." + stream, api + "STREAM.MSG.GET." + stream,
		api + "CONSUMER.CREATE." + stream + ".>", api + "CONSUMER.MSG.NEXT." + stream + ".*", api + "CONSUMER.DELETE." + stream + ".*",
	}
}

// Core hears messages of core subjects, best effort.
type Core struct {
	Messages chan *nats.Msg
	subs     []*nats.Subscription
}

// HearCore subscribes, and returns once the server knows: what is published from then on
// is heard. So many messages may wait; what is beyond is lost.
func HearCore(ctx context.Context, js natsjs.JetStream, subjects []string, waiting int) (*Core, error) {
	c := &Core{Messages: make(chan *nats.Msg, waiting)}
	for _, subject := range subjects {
		sub, err := js.Conn().ChanSubscribe(subject, c.Messages)
		if err != nil {
			c.Close()

			return nil, fmt.Errorf("subscribe to %s: %w", subject, err)
		}
		c.subs = append(c.subs, sub)
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	if err := js.Conn().FlushWithContext(ctx); err != nil {
		c.Close()

		return nil, fmt.Errorf("subscribe to %s: %w", strings.Join(subjects, " and "), err)
	}

	return c, nil
}

// Dropped is how many messages were lost so far because too many waited.
func (c *Core) Dropped() (lost uint64) {
	for _, sub := range c.subs {
		if n, err := sub.Dropped(); err == nil { // else the connection is closed
			lost += uint64(n)
		}
	}

	return lost
}

// Close ends the subscriptions.
func (c *Core) Close() {
	for _, sub := range c.subs {
		_ = sub.Unsubscribe() // it fails only where the connection is closed
	}
}
