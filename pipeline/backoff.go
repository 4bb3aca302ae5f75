package pipeline

import (
	"context"
	"time"
)

// backoff waits longer after every failure in a row, from 20 ms to 5 s.
type backoff struct{ next time.Duration }

func (b *backoff) wait(ctx context.Context) error {
	b.next = min(max(2*b.next, 20*time.Millisecond), 5*time.Second)
	timer := time.NewTimer(b.next)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

func (b *backoff) reset() { b.next = 0 }
