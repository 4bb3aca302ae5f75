package own

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// pauses are those between tries after failures in a row: 20 ms, then twice as long
// each time, up to 5 s; of each between half and all, so that many instances don't
// come back at once. Several goroutines may share them.
type pauses struct {
	mu sync.Mutex
	backoff.ExponentialBackOff
}

func newPauses() *pauses {
	const first, last = 20 * time.Millisecond, 5 * time.Second

	return &pauses{ExponentialBackOff: backoff.ExponentialBackOff{
		InitialInterval: first * 3 / 4, MaxInterval: last * 3 / 4, Multiplier: 2, RandomizationFactor: 1. / 3,
	}}
}

// NextBackOff is the next pause.
func (p *pauses) NextBackOff() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.ExponentialBackOff.NextBackOff()
}

// Reset begins anew with the shortest.
func (p *pauses) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ExponentialBackOff.Reset()
}

// wait waits before the next try.
func (p *pauses) wait(ctx context.Context) error {
	timer := time.NewTimer(p.NextBackOff())
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// forGood marks an error that another try would only bring again.
func forGood(err error) error {
	if err == nil {
		return nil
	}

	return backoff.Permanent(err)
}

// repeat repeats an operation until it works, fails for good, or ctx ends. told hears of every failure that is tried again.
func (p *pauses) repeat(ctx context.Context, operation func() error, told func(error)) error {
	var last error
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		last = operation()

		return struct{}{}, last
	}, backoff.WithBackOff(p), backoff.WithMaxElapsedTime(0), backoff.WithNotify(func(err error, _ time.Duration) { told(err) }))
	if ended := context.Cause(ctx); err != nil && last != nil && errors.Is(err, ended) {
		return errors.Join(ended, last)
	}

	return err
}

// UntilStored repeats a publish until it works or the context ends.
func UntilStored(ctx context.Context, publish func() error, observer Observer) error {
	return newPauses().repeat(ctx, publish, observer.Retried)
}
