package producer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
)

// Options change how events are published. The zero value is the default.
type Options struct {
	Prefix string // of the subjects, as ebb is configured; default "engagement"

	// MessageID sets the header Nats-Msg-Id to customer, id and time, by which
	// the server drops repetitions within two minutes. It is a help and not
	// needed: ebb finds repetitions itself, also older ones. It costs the
	// server memory for each message id of two minutes.
	MessageID bool

	// Late is called, where it is set, for each event that is too old for its
	// windows: older by so much than Lateness, which has to be what ebb's setting
	// lateness is; 0 stands for DefaultLateness. The event is sent all the same: it is
	// a sign of life. It may be called from several goroutines.
	Late     func(event Event, by time.Duration)
	Lateness time.Duration
}

// DefaultLateness is what ebb's setting lateness is where nobody has set it.
const DefaultLateness = 10 * time.Minute

// Producer publishes events. Its methods may be called from several goroutines.
type Producer struct {
	js       jetstream.JetStream
	subject  string // with the dot before the token
	identify bool
	late     func(Event, time.Duration)
	lateness time.Duration
	decoders sync.Pool
}

// New returns a producer. The caller keeps the connection and closes it.
func New(js jetstream.JetStream, options Options) *Producer {
	prefix := options.Prefix
	if prefix == "" {
		prefix = "engagement"
	}

	return &Producer{
		js:       js,
		subject:  prefix + ".events.",
		identify: options.MessageID,
		late:     options.Late,
		lateness: cmp.Or(options.Lateness, DefaultLateness),
		decoders: sync.Pool{New: func() any { return native.NewDecoder(0) }},
	}
}

// Publish sends one event and returns when it is stored. The errors of an event
// that ebb would refuse are those of the pipeline, such as
// event.ErrMissingID. After any other error the event may be stored or not:
// publish it again, it counts once.
func (p *Producer) Publish(ctx context.Context, event Event) error {
	data, err := event.encode()
	if err != nil {
		return err
	}
	p.tellLate(event)

	return p.PublishJSON(ctx, data)
}

// tellLate warns of an event that its windows won't wait for: their end is past by more
// than the lateness, by the clock of this machine.
func (p *Producer) tellLate(event Event) {
	if p.late == nil {
		return
	}
	if by := time.Since(event.Time) - p.lateness; by > 0 {
		p.late(event, by)
	}
}

// PublishJSON is Publish for an event in its native JSON form, sent as it is.
func (p *Producer) PublishJSON(ctx context.Context, data []byte) error {
	message, err := p.message(data)
	if err != nil {
		return err
	}
	if _, err := p.js.PublishMsg(ctx, message); err != nil {
		return fmt.Errorf("publish to %s: %w", message.Subject, explain(err))
	}

	return nil
}

// PublishAsync sends one event without waiting. The future tells when it is
// stored, or why not; Flush waits for all. The event is checked at once.
func (p *Producer) PublishAsync(event Event) (jetstream.PubAckFuture, error) {
	data, err := event.encode()
	if err != nil {
		return nil, err
	}
	message, err := p.message(data)
	if err != nil {
		return nil, err
	}
	p.tellLate(event)
	future, err := p.js.PublishMsgAsync(message)
	if err != nil {
		return nil, fmt.Errorf("publish to %s: %w", message.Subject, explain(err))
	}

	return future, nil
}

// Flush waits until the server has answered for all events of PublishAsync.
// Their futures tell the answers.
func (p *Producer) Flush(ctx context.Context) error {
	select {
	case <-p.js.PublishAsyncComplete():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%d events have no answer yet: %w", p.js.PublishAsyncPending(), ctx.Err())
	}
}

// message checks an event as the pipeline will, and addresses it.
func (p *Producer) message(data []byte) (*nats.Msg, error) {
	decoder := p.decoders.Get().(*native.Decoder)
	defer p.decoders.Put(decoder)
	var ev event.Event
	if err := decoder.Decode(data, &ev); err != nil {
		return nil, err
	}

	token := event.Token(ev.Customer)
	message := &nats.Msg{Subject: p.subject + token, Data: data}
	if p.identify {
		message.Header = nats.Header{jetstream.MsgIDHeader: {messageID(token, ev.ID, ev.Time)}}
	}

	return message, nil
}

// messageID holds all that makes an event the same one. The id is encoded as a
// token is, so that no two events come to one message id.
func messageID(token string, id []byte, time int64) string {
	return token + "/" + event.Token(id) + "/" + strconv.FormatInt(time, 10)
}

func explain(err error) error {
	if errors.Is(err, jetstream.ErrNoStreamResponse) || errors.Is(err, nats.ErrNoResponders) {
		return fmt.Errorf("%w: no stream takes this subject; `ebb run` creates it, and the prefix must be ebb's", err)
	}

	return err
}
