package own

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

// UntilStored repeats a publish until it works or the context ends.
func UntilStored(ctx context.Context, publish func() error, observer Observer) error {
	var retries backoff
	for {
		err := publish()
		if err == nil {
			return nil
		}
		observer.Retried(err)
		if err := retries.wait(ctx); err != nil {
			return err
		}
	}
}
