package jetstream

import (
	"context"
	"encoding/json"
	"strconv"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/inspect"
	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// Signals reads the stream of signals.
type Signals struct {
	js     natsjs.JetStream
	stream string
	prefix string // with the dot
}

var _ inspect.SignalReader = (*Signals)(nil)

// NewSignals returns the signals of a layout. It asks the server nothing.
func NewSignals(js natsjs.JetStream, layout Layout) *Signals {
	layout = layout.WithDefaults()
	return &Signals{
		js:     js,
		stream: layout.StreamName(shard.Signals),
		prefix: layout.Prefix + "." + shard.Signals.String() + ".",
	}
}

// Newest returns a customer's newest signals, at most limit, oldest first. It
// reads all that the stream holds of the customer, which are few: a level can't
// change more often than the dwell allows.
func (s *Signals) Newest(ctx context.Context, partition int, token string, limit int) ([]wire.Signal, error) {
	r := newReader(s.js, s.stream, 1, s.prefix+"*."+strconv.Itoa(partition)+"."+token)
	var newest []wire.Signal
	err := readThrough(ctx, r, func(d *delivery) error {
		var signal wire.Signal
		if json.Unmarshal(d.message.Data, &signal) == nil && signal.Customer != "" { // else a stranger's
			newest = append(newest, signal)
			newest = newest[max(0, len(newest)-limit):]
		}

		return nil
	})

	return newest, err
}
