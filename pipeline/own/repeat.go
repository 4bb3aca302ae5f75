package own

import (
	"context"
	"time"
)

// repeat does something again and again, after each time that every says, until the
// context ends or it fails.
func repeat(ctx context.Context, every func() time.Duration, do func() error) error {
	before := every()
	ticker := time.NewTicker(before)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if now := every(); now != before {
			before = now
			ticker.Reset(now)
		}
		if err := do(); err != nil {
			return err
		}
	}
}

// always is the same time each time.
func always(every time.Duration) func() time.Duration {
	return func() time.Duration { return every }
}
