package deliver

import (
	"context"
	"time"
)

// This file lets history wait for the end of what brings it. An import needs all of
// the processor, and what of that the sink takes meanwhile makes it later by as much:
// nobody waits for rows of long ago, and a few large inserts cost less than many. So
// a batch of history is begun, and then left until its first message is HistoryLag
// old, or the stream has got nothing for HistoryLull, or somebody waits for it; where
// HistoryBacklog waits behind it, so that small imports are seen at once. Nothing is
// kept in memory meanwhile but what was read ahead: the messages wait in their stream.

// lull waits before more history is read than m, which begins it.
func (l *loader) lull(ctx context.Context, source *source, m *message) {
	if m.Sequence <= source.lulled {
		return // it was there when the last lull ended
	}
	grown := time.Now()
	due := earlier(m.stored, grown).Add(l.feed.cfg.HistoryLag) // the server's clock may be ahead
	last := m.lastKnown
	if waiting, err := l.backlog(ctx, m); err != nil || waiting < l.feed.cfg.HistoryBacklog {
		return // a small import, whose rows are seen at once
	}
	ticker := time.NewTicker(min(l.feed.cfg.HistoryLull, lullPoll))
	defer ticker.Stop()
	for now := grown; now.Before(due) && now.Sub(grown) < l.feed.cfg.HistoryLull && l.awaited.Load() == 0; {
		select {
		case <-ctx.Done():
			return
		case now = <-ticker.C:
		}
		stream, err := l.feed.js.Stream(ctx, l.stream)
		if err != nil {
			return // the session tells when NATS fails
		}
		if end := stream.CachedInfo().State.LastSeq; end > last {
			last, grown = end, now
		}
	}
	source.lulled = last
}

// backlog is about how many bytes wait behind a message: as many as so many messages of
// the stream have.
func (l *loader) backlog(ctx context.Context, m *message) (int, error) {
	stream, err := l.feed.js.Stream(ctx, l.stream)
	if err != nil {
		return 0, err
	}
	state := &stream.CachedInfo().State
	if state.Msgs == 0 || state.LastSeq <= m.Sequence {
		return 0, nil
	}

	return int(float64(state.LastSeq-m.Sequence) * float64(state.Bytes) / float64(state.Msgs)), nil
}

// lullPoll is how often a lull looks.
const lullPoll = 200 * time.Millisecond
