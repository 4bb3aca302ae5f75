package jetstream

import (
	"context"
	"errors"

	natsjs "github.com/nats-io/nats.go/jetstream"
)

// HistoryEnds returns the sequence of the last history record of every
// partition, 0 where there is none: when the shards have taken and committed
// these, the imports so far are through.
func HistoryEnds(ctx context.Context, js natsjs.JetStream, layout Layout) ([]uint64, error) {
	layout = layout.WithDefaults()
	ends := make([]uint64, layout.Partitions)
	for partition := range ends {
		message, err := leader{js, layout.Stream}.last(ctx, layout.laneSubject(laneHistory, partition))
		if errors.Is(err, errNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ends[partition] = message.Sequence
	}

	return ends, nil
}

// LastLive returns when the newest record was stored that is not of an import,
// an event or a control record, in Unix ms; 0 where there is none. The clock of
// its partition is not before that.
func LastLive(ctx context.Context, js natsjs.JetStream, layout Layout) (int64, error) {
	layout = layout.WithDefaults()
	newest := int64(0)
	for _, lane := range []string{laneEvent, laneControl} {
		message, err := leader{js, layout.Stream}.last(ctx, layout.Prefix+"."+lane+".*")
		if errors.Is(err, errNotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		newest = max(newest, message.Time.UnixMilli())
	}

	return newest, nil
}
