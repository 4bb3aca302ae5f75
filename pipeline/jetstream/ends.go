package jetstream

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"
	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
)

// HistoryEnds returns the sequence of ebb's last history record of every
// partition, 0 where there is none: when the shards have taken and committed
// these, the imports so far are through.
func HistoryEnds(ctx context.Context, js natsjs.JetStream, layout Layout) ([]uint64, error) {
	layout = layout.WithDefaults()
	ends := make([]uint64, layout.Partitions)
	for partition := range ends {
		message, err := lastRecord(ctx, newKeyring(js, layout), event.LaneHistory, layout.laneSubject(laneHistory, partition))
		if err != nil {
			return nil, err
		}
		ends[partition] = message.Sequence
	}

	return ends, nil
}

// lastRecord is ebb's own last record of control or history subjects.
func lastRecord(ctx context.Context, keys *keyring, lane event.Lane, subject string) (stored, error) {
	key, err := keys.get(ctx)
	if err != nil {
		return stored{}, err
	}
	check := checker{key: key, stream: keys.layout.Stream}
	found, err := search{
		leader: leader{keys.js, keys.layout.Stream}, subject: subject,
		own: func(message *stored) (uint64, bool) {
			header, err := message.header()
			d := delivery{message: &nats.Msg{Subject: message.Subject, Header: header, Data: message.Data}, sequence: message.Sequence}

			return 0, err == nil && check.own(lane, &d)
		},
	}.last(ctx, 0)

	return found.stored, err
}

// LastLive returns when the newest record was stored that is not of an import,
// an event or a control record, in Unix ms; 0 where there is none. The clock of
// its partition is not before that.
func LastLive(ctx context.Context, js natsjs.JetStream, layout Layout) (int64, error) {
	layout = layout.WithDefaults()
	newest := int64(0)
	ev, err := leader{js, layout.Stream}.last(ctx, layout.Prefix+"."+laneEvent+".*")
	switch {
	case err == nil:
		newest = ev.Time.UnixMilli()
	case !errors.Is(err, errNotFound):
		return 0, err
	}
	control, err := lastRecord(ctx, newKeyring(js, layout), event.LaneControl, layout.Prefix+"."+laneControl+".*")
	if err != nil || control.Sequence == 0 {
		return newest, err
	}

	return max(newest, control.Time.UnixMilli()), nil
}
