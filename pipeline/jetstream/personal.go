package jetstream

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/forget"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// Personal reads what the streams hold about one customer. It changes nothing.
type Personal struct {
	js        natsjs.JetStream
	layout    Layout
	customer  string
	partition int
}

// NewPersonal asks the server nothing. The customer has to be a customer id, see
// event.CheckCustomer.
func NewPersonal(js natsjs.JetStream, layout Layout, customer string) *Personal {
	layout = layout.WithDefaults()

	return &Personal{js: js, layout: layout, customer: customer, partition: event.PartitionOf(customer, layout.Partitions)}
}

// StoredMessage is a message of an output stream.
type StoredMessage struct {
	Stream   string              `json:"stream"`
	Sequence uint64              `json:"sequence"` // in the stream
	Subject  string              `json:"subject"`
	Stored   int64               `json:"stored"` // Unix ms
	Header   map[string][]string `json:"header,omitempty"`
	Body     []byte              `json:"-"`
}

// Signals hands over the signals of the customer, oldest first, and then those about
// anonymous ones who turned out to be them.
func (p *Personal) Signals(ctx context.Context, each func(StoredMessage) error) error {
	filter := p.layout.Prefix + "." + shard.Signals.String() + ".*." + strconv.Itoa(p.partition) + "." + event.Token(p.customer)

	err := p.scan(ctx, shard.Signals, filter, func(m StoredMessage) error {
		var signal wire.Signal // what is none is a stranger's
		if json.Unmarshal(m.Body, &signal) == nil && signal.Customer == p.customer {
			return each(m)
		}

		return nil
	})
	if err != nil {
		return err
	}

	return p.joined(ctx, each)
}

// joined hands over the signals about anonymous customers who turned out to be this one.
func (p *Personal) joined(ctx context.Context, each func(StoredMessage) error) error {
	filter := p.layout.Prefix + "." + shard.Signals.String() + "." + churn.Healthy.String() + ".*.*"

	return p.scan(ctx, shard.Signals, filter, func(m StoredMessage) error {
		var signal wire.Signal
		if bytes.Contains(m.Body, []byte(`"joined":`)) && json.Unmarshal(m.Body, &signal) == nil && signal.Joined == p.customer {
			return each(m)
		}

		return nil
	})
}

// Late hands over what the stream of rollups says of the customer's late events.
func (p *Personal) Late(ctx context.Context, each func(StoredMessage) error) error {
	filter := p.layout.Prefix + "." + shard.Rollups.String() + "." + string(wire.Late) + "." + strconv.Itoa(p.partition)

	return p.scan(ctx, shard.Rollups, filter, func(m StoredMessage) error {
		var late wire.LateEvent
		if json.Unmarshal(m.Body, &late) == nil && late.Customer == p.customer {
			return each(m)
		}

		return nil
	})
}

// DeadLetters hands over the dead letters that name the customer in whatever form, see
// forget.Finder, and in whatever partition they came.
func (p *Personal) DeadLetters(ctx context.Context, each func(StoredMessage) error) error {
	return p.letters(ctx, p.is, each)
}

// letters hands over the dead letters that name one of those that is says.
func (p *Personal) letters(ctx context.Context, is func(id string) bool, each func(StoredMessage) error) error {
	finder := forget.NewFinder()

	return p.scan(ctx, shard.DeadLetters, p.layout.Prefix+"."+shard.DeadLetters.String()+".*", func(m StoredMessage) error {
		if _, found := finder.Of(m.Body, is); !found {
			return nil
		}

		return each(m)
	})
}

// Staged hands over the events of the customer that sources brought and that are not
// imported yet; see Stage.
func (p *Personal) Staged(ctx context.Context, each func(StoredMessage) error) error {
	there, err := HasStage(ctx, p.js, p.layout)
	if err != nil || !there {
		return err
	}

	finder := forget.NewFinder()

	return p.read(ctx, p.layout.stageStream(), p.layout.stageSubject("*"), func(m StoredMessage) error {
		for line := range bytes.Lines(m.Body) {
			line = bytes.TrimSuffix(line, []byte("\n"))
			if _, theirs := finder.Of(line, p.is); !theirs {
				continue
			}
			one := m
			one.Header, one.Body = nil, line
			if err := each(one); err != nil {
				return err
			}
		}

		return nil
	})
}

// is says whether an id is the customer's.
func (p *Personal) is(id string) bool { return id == p.customer }

// scan hands over the messages of a stream with a subject that are there by now.
func (p *Personal) scan(ctx context.Context, stream shard.Stream, filter string, each func(StoredMessage) error) error {
	name := p.layout.StreamName(stream)

	return p.read(ctx, name, filter, each)
}

func (p *Personal) read(ctx context.Context, stream, filter string, each func(StoredMessage) error) error {
	return readThrough(ctx, newReader(p.js, stream, 1, filter), func(d *delivery) error {
		return each(StoredMessage{
			Stream: stream, Sequence: d.sequence, Subject: d.message.Subject, Stored: d.stored, Header: d.message.Header, Body: d.message.Data,
		})
	})
}
