package serve

import (
	"context"
	"errors"
	"time"

	"ebb/cmd/ebb/health"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/own"
)

// releaseTimeout bounds the last request of a stop. Without it others wait for
// the lease to expire, and no harm is done.
const releaseTimeout = 2 * time.Second

// KeptLease is a lease that is renewed while something runs under it.
type KeptLease struct {
	lease *jetstream.Lease
	board *health.Board
	ctx   context.Context //nolint:containedctx // ends with the lease: what runs under it
	stop  context.CancelFunc
	ended chan error // takes why keeping ended, then is closed
}

// KeepLease renews the lease until end. Its context ends when the lease is lost,
// not when ctx does: what runs under the lease stops in steps, and needs it until
// the last one.
func KeepLease(ctx context.Context, lease *jetstream.Lease, board *health.Board) *KeptLease {
	under, lost := context.WithCancel(ctx)
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	k := &KeptLease{lease: lease, board: board, ctx: under, stop: stop, ended: make(chan error, 1)}
	go func() {
		defer lost()
		defer close(k.ended) // so that a second end finds nothing to do
		k.ended <- lease.Keep(keeping)
	}()

	return k
}

// End gives the lease up, and says why what ran under it ended: because the
// lease was lost, or for its own reason.
func (k *KeptLease) End(err error) error {
	k.stop()
	kept := <-k.ended
	ctx, cancel := context.WithTimeout(context.Background(), releaseTimeout)
	defer cancel()
	if kept == nil && errors.Is(err, own.ErrFenced) {
		// Who was fenced may learn of it before the next renewal.
		kept = k.lease.Renew(ctx)
	}
	if errors.Is(kept, jetstream.ErrLeaseLost) {
		return kept // what else went wrong follows from it
	}
	if releaseErr := k.lease.Release(ctx); releaseErr != nil && !jetstream.Passing(releaseErr) {
		return errors.Join(err, releaseErr)
	}

	return err
}
