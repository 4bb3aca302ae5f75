package deliver

import (
	"context"
	"time"
)

// backoff says how long to wait between tries: first, then twice as long each
// time, up to last; of that, between half and all, so that many instances
// don't come back at once.
type backoff struct {
	first, last time.Duration
	jitter      func() float64
	tries       int
}

// next is how long to wait now.
func (b *backoff) next() time.Duration {
	wait := b.last
	if shift := b.tries; shift < 32 && b.first<<shift > 0 {
		wait = min(b.last, b.first<<shift)
	}
	b.tries++

	return wait/2 + time.Duration(b.jitter()*float64(wait/2))
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
