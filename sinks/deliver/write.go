package deliver

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"

	"ebb/sinks"
)

// write writes the rows of the batch, and after them the cursor. It fails only
// when ctx ends, the sink turns out to be set back, or the cursor was moved.
func (l *loader) write(ctx context.Context, source *source, b *batch) error {
	check := func(ctx context.Context) error { return source.compare(ctx, b.rows.Cursor.Sequence) }
	b.rows.Token = b.token(source.rewound)
	err := l.try(ctx, check, b.rows, b.span())
	if errors.Is(err, sinks.ErrRefused) {
		l.log.Warn("sink refuses a batch; looking for the messages", b.span(), "error", err)
		s := separator{l.kind, func(ctx context.Context, rows *sinks.Batch, first uint64) error {
			return l.try(ctx, check, rows, slog.Uint64("first", first))
		}, l.setAside}
		if err := s.separate(ctx, b.readable()); err != nil {
			return err
		}

		return l.try(ctx, check, &sinks.Batch{Cursor: b.rows.Cursor}, b.span())
	}

	return err
}

// try writes rows until they are stored or refused, ctx ends, or check says that
// the sink was set back or the cursor moved: before every try, because a database may be restored
// while it is away, and as well while it is not.
func (l *loader) try(ctx context.Context, check func(context.Context) error, rows *sinks.Batch, what slog.Attr) error {
	return l.repeat(ctx, func() error {
		err := l.once(ctx, check, rows)
		switch {
		case err == nil:
			l.counters.Down.Store(false)
			l.counters.Rows.Add(uint64(rows.Rows()))
			l.counters.Batches.Add(1)

			return nil
		case errors.Is(err, errSetBack), errors.Is(err, errMoved):
			return backoff.Permanent(err)
		case ctx.Err() == nil && errors.Is(err, sinks.ErrRefused):
			l.counters.Down.Store(false)

			return backoff.Permanent(err)
		}

		return err
	}, func(err error, in time.Duration) {
		l.counters.Down.Store(true)
		l.counters.Retries.Add(1)
		l.log.Warn("sink failed; trying again, the messages wait in their stream", what, "error", err, "in", in)
		_ = l.look(ctx) // the session tells when NATS fails
	})
}

// once checks and writes, within the time that a write may take.
func (l *loader) once(ctx context.Context, check func(context.Context) error, rows *sinks.Batch) error {
	ctx, cancel := context.WithTimeout(ctx, l.feed.cfg.WriteTimeout)
	defer cancel()
	if err := check(ctx); err != nil {
		return err
	}

	return l.feed.sink.Write(ctx, rows)
}
