package own

import (
	"context"
	"sync/atomic"
	"time"

	"ebb/pipeline/shard"
)

// tickPause is how long customers' timers wait for each other, so that they bring
// one tick together.
const tickPause = 2 * time.Second

// tick gives idle partitions a clock: it publishes a tick where nothing else
// came for a cut interval and something waits for time to pass: outputs for
// their cut, a window for its end, a customer's timer. Inside an import the
// import's own ticks do this. The clocks say when to ask, not what time it is:
// a tick has the time at which it is stored, so one too many does no harm, and
// one too early is followed by another.
//
// A partition that has never had a record has nothing to wait for; a tick would
// only set its clock to now, and history that is imported after it would all be
// late.
func (i *Instance) tick(ctx context.Context) error {
	every := func() time.Duration { return time.Duration(i.cutInterval.Load()) }

	return repeat(ctx, every, func() error {
		if i.options.Hold != nil && i.options.Hold() {
			return nil
		}
		now := time.Now()
		for _, o := range i.owners.here() {
			heard := o.progress.heard.Swap(false)
			if heard || !o.waitsFor(i.server.now(now), now.Sub(o.ticked), o.ticked.IsZero()) {
				continue
			}
			o.ticked = now
			if err := i.ports.Input.Tick(ctx, o.partition); err != nil {
				i.options.Observer.Retried(err) // the next tick makes up for it
			}
		}

		return nil
	})
}

// waitsFor says whether a tick is due at what is taken for the server's time.
// The first one is due wherever anything waits: it tells that time.
func (o *owner) waitsFor(now int64, since time.Duration, first bool) bool {
	if o.progress.frozen.Load() || o.progress.clock.Load() == 0 { // strangers' records alone make no clock
		return false
	}
	waits := o.progress.waits.Load()
	if waits.Cut {
		return true
	}

	if first {
		return waits.Due != shard.Never || waits.Timer != shard.Never
	}

	return now >= waits.Due || now >= waits.Timer && since >= tickPause
}

// serverTime is by how much the server's clock is ahead of the local one, as far
// as records have told. One that is behind brings ticks too early, which does no
// harm.
type serverTime struct{ ahead atomic.Int64 } // ms

// hear takes the time at which a record was stored.
func (t *serverTime) hear(stored int64, now time.Time) {
	for {
		ahead, have := stored-now.UnixMilli(), t.ahead.Load()
		if ahead <= have || t.ahead.CompareAndSwap(have, ahead) {
			return
		}
	}
}

// now is the server's time, Unix ms, or somewhat earlier or later.
func (t *serverTime) now(now time.Time) int64 { return now.UnixMilli() + t.ahead.Load() }
