package deliver

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// This file lets history wait for the end of what brings it. An import needs all of
// the processor, and what of that the sink takes meanwhile makes it later by as much:
// nobody waits for rows of long ago, and a few large inserts cost less than many. So
// a batch of history is begun, and then left until its first message is HistoryLag
// old, or the stream has got nothing for a while, or somebody waits for it. That while
// is HistoryLull behind much, since a large import publishes in bursts, and MaxWait
// behind what is less than HistoryBacklog: small imports are seen at once. Nothing is
// kept in memory meanwhile but what was read ahead: the messages wait in their stream.

// lull waits before more history is read than m, which begins it.
func (l *loader) lull(ctx context.Context, source *source, m *message) {
	if m.Sequence <= source.lulled {
		return // it was there when the last lull ended
	}
	cfg := &l.feed.cfg
	grown, last, quiet := time.Now(), m.lastKnown, cfg.MaxWait
	due := earlier(m.stored, grown).Add(cfg.HistoryLag) // the server's clock may be ahead
	ticker := time.NewTicker(min(cfg.MaxWait, lullPoll))
	defer ticker.Stop()
	for now := grown; now.Before(due) && now.Sub(grown) < quiet && l.awaited.Load() == 0; {
		select {
		case <-ctx.Done():
			return
		case now = <-ticker.C:
		}
		stream, err := l.feed.js.Stream(ctx, l.stream)
		if err != nil {
			return // the session tells when NATS fails
		}
		state := &stream.CachedInfo().State
		if state.LastSeq > last {
			last, grown = state.LastSeq, now
		}
		if backlog(state, m.Sequence) >= cfg.HistoryBacklog {
			quiet = cfg.HistoryLull
		}
	}
	source.lulled = last
}

// backlog is about how many bytes wait behind a message: as many as so many messages of
// the stream have.
func backlog(state *jetstream.StreamState, sequence uint64) int {
	if state.Msgs == 0 || state.LastSeq <= sequence {
		return 0
	}

	return int(float64(state.LastSeq-sequence) * float64(state.Bytes) / float64(state.Msgs))
}

// lullPoll is how often a lull looks.
const lullPoll = 200 * time.Millisecond
