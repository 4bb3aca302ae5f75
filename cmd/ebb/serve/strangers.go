package serve

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"ebb/pipeline/jetstream"
)

// strangers counts messages on ebb's own subjects that are not ebb's, and logs
// the first of them, and then one a minute at most.
type strangers struct {
	log   *slog.Logger
	Count atomic.Uint64

	mu   sync.Mutex
	told time.Time
}

// strangerLogEvery keeps a flood from filling the log.
const strangerLogEvery = time.Minute

func (s *strangers) met(stranger jetstream.Stranger) {
	count := s.Count.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.told) < strangerLogEvery {
		return
	}
	s.told = time.Now()
	s.log.Warn("a message that is not ebb's came on a subject of ebb's own; it is passed over. "+
		"Keep others from publishing there: deploy/nats has the permissions",
		"subject", stranger.Subject, "sequence", stranger.Sequence, "so_far", count)
}
