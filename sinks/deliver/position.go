package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Position is how far a sink has come with one stream.
type Position struct {
	Stream  string     `json:"stream"`
	Written uint64     `json:"written_sequence"`
	Behind  uint64     `json:"behind"` // messages stored and not yet written
	Oldest  *time.Time `json:"oldest"` // when the oldest of these was stored; null without one
}

// Positions are how far the sink has come, by its cursors alone: nothing has to
// run. There are none where no sink has ever begun.
func Positions(ctx context.Context, js jetstream.JetStream, cfg Config) ([]Position, error) {
	cfg.setDefaults()
	bucket, err := js.KeyValue(ctx, cfg.Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("bucket %s of the sinks' cursors: %w", cfg.Bucket, err)
	}
	var positions []Position
	for _, kind := range Streams() {
		name := cfg.StreamPrefix + "_" + kind.String()
		at, found, err := (&cursors{bucket: bucket, sink: cfg.Name}).load(ctx, name)
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		stream, err := js.Stream(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("stream %s: %w", name, err)
		}
		p := Position{Stream: name, Written: at.from(stream.CachedInfo())}
		last, stored, err := oldest(ctx, stream, cfg.Prefix, p.Written)
		if err != nil {
			return nil, err
		}
		if p.Behind = max(last, p.Written) - p.Written; p.Behind > 0 {
			stored = stored.UTC()
			p.Oldest = &stored
		}
		positions = append(positions, p)
	}

	return positions, nil
}
