package deliver

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// pauses are those between tries: FirstRetry, then twice as long each time, up to
// LastRetry; of each between half and all, so that many instances don't come back
// at once.
func (l *loader) pauses() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: l.feed.cfg.FirstRetry * 3 / 4, MaxInterval: l.feed.cfg.LastRetry * 3 / 4, Multiplier: 2, RandomizationFactor: 1. / 3,
	}
}

// repeat tries until it works, fails for good (backoff.Permanent), or ctx ends. told
// hears of every failure that is tried again, and when.
func (l *loader) repeat(ctx context.Context, try func() error, told func(err error, in time.Duration)) error {
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, try() },
		backoff.WithBackOff(l.pauses()), backoff.WithMaxElapsedTime(0), backoff.WithNotify(told))

	return err
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
