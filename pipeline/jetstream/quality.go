package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/shard"
	"ebb/pipeline/wire"
)

// qualityHorizons is over how many horizons the quality of risks is told.
const qualityHorizons = 2

// RecentQuality returns the rows of table quality of the last two horizons that
// the stream of rollups still holds, of all partitions, each once: none before
// the first outcomes are known. The newest row's horizon counts; rows of
// another one are left out.
func RecentQuality(ctx context.Context, js natsjs.JetStream, layout Layout) ([]wire.QualityRow, error) {
	layout = layout.WithDefaults()
	newest, stored, found, err := newestQuality(ctx, js, layout)
	if err != nil || !found {
		return nil, err
	}
	since := newest.Time - qualityHorizons*newest.HorizonMS
	// A message is stored at its partition's clock or later, so none that
	// counts was stored before; and not later than the newest, where a clock
	// runs ahead.
	from := time.UnixMilli(since)
	if stored.Before(from) {
		from = stored
	}
	rows, err := qualityFrom(ctx, js, layout, from)
	if err != nil {
		return nil, err
	}

	return slices.DeleteFunc(rows, func(r wire.QualityRow) bool {
		return r.Time <= since || r.HorizonMS != newest.HorizonMS
	}), nil
}

func qualitySubject(layout Layout, partition string) string {
	return layout.Prefix + "." + shard.Rollups.String() + "." + string(wire.Quality) + "." + partition
}

func newestQuality(ctx context.Context, js natsjs.JetStream, layout Layout) (newest wire.QualityRow, stored time.Time, found bool, err error) {
	rollups := leader{js, layout.StreamName(shard.Rollups)}
	for partition := range layout.Partitions {
		message, err := rollups.last(ctx, qualitySubject(layout, strconv.Itoa(partition)))
		if errors.Is(err, errNotFound) {
			continue
		}
		if err != nil {
			return newest, stored, false, err
		}
		row, own, err := readQuality(message.Data)
		if err != nil {
			return newest, stored, false, err
		}
		if !own {
			continue
		}
		if !found || row.Time > newest.Time {
			newest, stored, found = row, message.Time, true
		}
	}

	return newest, stored, found, nil
}

// qualityFrom reads to the end of the stream. There is a message to read, so
// it does not wait for one.
func qualityFrom(ctx context.Context, js natsjs.JetStream, layout Layout, from time.Time) ([]wire.QualityRow, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	stream := layout.StreamName(shard.Rollups)
	consumer, err := js.OrderedConsumer(ctx, stream, natsjs.OrderedConsumerConfig{
		FilterSubjects: []string{qualitySubject(layout, "*")},
		DeliverPolicy:  natsjs.DeliverByStartTimePolicy, OptStartTime: &from,
	})
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", stream, err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", stream, err)
	}
	defer messages.Stop()

	var rows []wire.QualityRow
	places := map[[2]int64]int{} // in rows, by partition and time
	for left := true; left; {
		message, err := messages.Next(natsjs.NextContext(ctx))
		if err != nil {
			return nil, fmt.Errorf("stream %s: %w", stream, err)
		}
		metadata, err := message.Metadata()
		if err != nil {
			return nil, fmt.Errorf("stream %s: %w", stream, err)
		}
		left = metadata.NumPending > 0
		row, own, err := readQuality(message.Data())
		if err != nil {
			return nil, fmt.Errorf("stream %s, message %d: %w", stream, metadata.Sequence.Stream, err)
		}
		if !own {
			continue
		}
		key := [2]int64{int64(row.Partition), row.Time}
		if place, again := places[key]; again {
			rows[place] = row

			continue
		}
		places[key] = len(rows)
		rows = append(rows, row)
	}

	return rows, nil
}

// readQuality reports false for what is no row: anybody may have published it.
func readQuality(data []byte) (row wire.QualityRow, own bool, err error) {
	own = json.Unmarshal(data, &row) == nil && row.Table == wire.Quality
	if !own {
		return wire.QualityRow{}, false, nil
	}
	if row.Schema != wire.Schema {
		return row, false, fmt.Errorf("table %s: schema is %d, this version reads %d", wire.Quality, row.Schema, wire.Schema)
	}

	return row, true, nil
}
