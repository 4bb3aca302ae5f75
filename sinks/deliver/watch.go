package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/origin"
)

// watch looks from time to time, until ctx ends: how far the sink is behind
// shows nowhere else while a session can't begin, and that somebody has moved
// the cursor shows only at the next message.
func (l *loader) watch(ctx context.Context) {
	ticker := time.NewTicker(l.feed.cfg.Look)
	defer ticker.Stop()
	for {
		_ = l.look(ctx) // the session tells when NATS fails
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look measures the lag, from the stream itself, and ends the session where the
// cursor was moved.
func (l *loader) look(ctx context.Context) error {
	before := l.counters.written.Load()
	stream, err := l.feed.js.Stream(ctx, l.stream)
	if err != nil {
		return err
	}
	info := stream.CachedInfo()
	written := max(before, max(info.State.FirstSeq, 1)-1)
	if open := l.open.Load(); open != nil {
		moved, err := open.source.cursors.moved(ctx, l.stream)
		if err != nil {
			return err
		}
		if moved {
			open.source.moved.Store(true)
			open.cancel()

			return nil // the next session knows from where to count
		}
	} else {
		bucket, err := l.feed.js.KeyValue(ctx, l.feed.cfg.Bucket)
		if errors.Is(err, jetstream.ErrBucketNotFound) {
			return nil // the first session makes it
		}
		if err != nil {
			return err
		}
		at, _, err := (&cursors{bucket: bucket, sink: l.feed.cfg.Name}).load(ctx, l.stream)
		if err != nil {
			return err
		}
		written = at.from(info)
	}
	last, oldest, err := oldest(ctx, stream, l.feed.cfg.Prefix, written)
	if err != nil {
		return err
	}
	l.counters.behind(before, written, last, oldest)

	return nil
}

// from is the sequence up to which the stream needs no reading.
func (at *cursor) from(info *jetstream.StreamInfo) uint64 {
	first := max(info.State.FirstSeq, 1) - 1
	if !at.Created.Equal(origin.Of(info)) {
		return first
	}

	return max(first, at.Sequence)
}

// oldest returns the last sequence of the stream, and when the first message
// after written was stored. Where there is none, because the end was erased, the
// last one is that written.
func oldest(ctx context.Context, stream jetstream.Stream, prefix string, written uint64) (last uint64, stored time.Time, err error) {
	last = stream.CachedInfo().State.LastSeq
	if last <= written {
		return last, time.Time{}, nil
	}
	message, err := stream.GetMsg(ctx, written+1, jetstream.WithGetMsgSubject(prefix+".>"))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return written, time.Time{}, nil
	}
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("first message of stream %s after %d: %w", stream.CachedInfo().Config.Name, written, err)
	}

	return last, message.Time, nil
}

// logEra says that an era begins, once: the stream of rollups has rows of every
// partition and every minute.
func (l *loader) logEra(s *source, newest int64) {
	if newest <= s.era {
		return
	}
	if l.kind == Rollups && s.era > 0 {
		l.log.Info("a new era of the stream began at " + time.UnixMilli(newest).UTC().Format(time.RFC3339) +
			"; rows of the former one no longer count where it covers them")
	}
	s.era = newest
}
