package feed

import (
	"context"
	"errors"
	"log/slog"

	"ebb/sinks"
)

// write writes the rows of the batch. It fails only when ctx ends.
func (l *lane) write(ctx context.Context, b *batch) error {
	if b.rows.Rows() == 0 {
		return nil
	}
	b.rows.Token = b.token()
	err := l.try(ctx, b.rows, b.span())
	if errors.Is(err, sinks.ErrRefused) {
		l.log.Warn("sink refuses a batch; looking for the message", b.span(), "error", err)

		return l.bisect(ctx, b.readable())
	}

	return err
}

// try writes rows until they are stored or refused, or ctx ends.
func (l *lane) try(ctx context.Context, rows *sinks.Batch, what slog.Attr) error {
	wait := l.backoff()
	for {
		attempt, cancel := context.WithTimeout(ctx, l.feed.cfg.WriteTimeout)
		err := l.feed.sink.Write(attempt, rows)
		cancel()
		if err == nil {
			l.counters.Down.Store(false)
			l.counters.Rows.Add(uint64(rows.Rows()))
			l.counters.Batches.Add(1)

			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, sinks.ErrRefused) {
			l.counters.Down.Store(false)

			return err
		}

		l.counters.Down.Store(true)
		l.counters.Retries.Add(1)
		pause := wait.next()
		l.log.Warn("sink failed; trying again, the messages wait in their stream", what, "error", err, "in", pause)
		l.look(ctx)
		sleep(ctx, pause)
	}
}

// look refreshes the lag, which grows unseen while nothing is read.
func (l *lane) look(ctx context.Context) {
	stream, err := l.feed.js.Stream(ctx, l.stream)
	if err != nil {
		return // the session tells when NATS fails
	}
	l.counters.seen(stream.CachedInfo().State.LastSeq)
}
