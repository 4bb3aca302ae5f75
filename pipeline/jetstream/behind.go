package jetstream

import (
	"context"

	natsjs "github.com/nats-io/nats.go/jetstream"
)

// Behind counts the events and the records of history that the stream holds of
// every partition after a cursor. Control records are none: a tick is no work
// that waits.
func Behind(ctx context.Context, js natsjs.JetStream, layout Layout, cursors []uint64) ([]uint64, error) {
	in := NewInput(js, layout)
	behind := make([]uint64, in.layout.Partitions)
	for partition := range behind {
		subjects := []string{in.layout.laneSubject(laneEvent, partition), in.layout.laneSubject(laneHistory, partition)}
		last, err := in.lastOf(ctx, subjects)
		if err != nil {
			return nil, err
		}
		if last <= cursors[partition] {
			continue
		}
		// The server counts what a consumer would read; nothing is read.
		counter := newReader(js, in.layout.Stream, cursors[partition]+1, subjects...)
		if err := counter.start(ctx); err != nil {
			return nil, err
		}
		behind[partition] = counter.atStart
		counter.close()
	}

	return behind, nil
}
