package serve

import (
	"context"
	"fmt"
	"time"

	"ebb/cmd/ebb/health"
	"ebb/pipeline/jetstream"
	"ebb/sinks"
)

// eraseEvery is how often it is looked whether something is to be erased, and
// eraseAgain how long after a failure.
const (
	eraseEvery = time.Second
	eraseAgain = 10 * time.Second
)

// settleWithin is how long the erasing of streams waits for their reader.
const settleWithin = 30 * time.Second

// forgetter is a sink that can erase the rows that name customers.
type forgetter interface {
	Forget(ctx context.Context, customers []string) (deleted uint64, err error)
}

// erase erases what is stored of customers who were forgotten, in the partitions that
// run here, until ctx ends. What fails is tried again until every place is done: what
// asks for it stands in the input stream until then.
func (e *Engine) erase(ctx context.Context, c *EngineConfig) {
	eraser, done := jetstream.NewEraser(c.Js, c.Layout), make(map[int]uint64)
	for wait := eraseEvery; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = eraseEvery
		var failed error
		for _, p := range e.Instance.Progress() {
			if p.Erase.To <= done[p.Partition] {
				continue
			}
			if err := eraser.Erase(ctx, p.Partition, p.Erase, e.erasing(c.Sink)); err != nil {
				failed = fmt.Errorf("partition %d: %w", p.Partition, err)

				continue
			}
			done[p.Partition] = p.Erase.To
			c.Log.Info("what was stored of customers who were forgotten is erased", "partition", p.Partition, "up_to_record", p.Erase.To)
		}
		if ctx.Err() != nil {
			return
		}
		if failed != nil {
			wait = eraseAgain
		}
		showErasing(c.board, failed)
	}
}

// erasing says what stands outside of NATS.
func (e *Engine) erasing(sink sinks.Sink) jetstream.Erasing {
	where, ok := sink.(forgetter)
	if !ok {
		return jetstream.Erasing{}
	}

	return jetstream.Erasing{
		// What the feed has read is written before the rows go, else it would bring them
		// back. The streams do not wait long for a database that is away.
		Settle: func(ctx context.Context) error {
			within, cancel := context.WithTimeout(ctx, settleWithin)
			defer cancel()
			if err := e.Feed.CaughtUp(within); err != nil && within.Err() == nil {
				return err
			}

			return ctx.Err()
		},
		Rows: func(ctx context.Context, customers []string) error {
			if err := e.Feed.CaughtUp(ctx); err != nil {
				return err
			}
			_, err := where.Forget(ctx, customers)

			return err
		},
	}
}

// showErasing says on the board why somebody is not forgotten everywhere yet.
func showErasing(board *health.Board, failed error) {
	switch {
	case board == nil:
	case failed == nil:
		board.Clear(health.Erasing)
	default:
		board.Set(health.Erasing, "not all that is stored of somebody who was forgotten is erased: "+failed.Error(),
			"mend what it says; it is tried again until every place is done")
	}
}
