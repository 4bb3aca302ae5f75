package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
)

// ErrLeaseLost says that another instance holds the lease now.
var ErrLeaseLost = errors.New("another instance has taken the lease over")

// DefaultLeaseTTL is how long a lease that is not renewed keeps others waiting.
const DefaultLeaseTTL = 6 * time.Second

// Holder is who holds a lease, for people to find them.
type Holder struct {
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Nonce   string    `json:"nonce"` // of this holding: tells it from all others
	Started time.Time `json:"started"`
	Version string    `json:"version"`
}

// String names the holder in a sentence.
func (h Holder) String() string { return fmt.Sprintf("%s (pid %d)", h.Host, h.PID) }

// LeaseObserver hears how it goes. Its functions are called from the goroutine
// that acquires or keeps the lease, and must be quick.
type LeaseObserver struct {
	Waiting func(Holder) // another holds the lease; called once for each
	Failed  func(error)  // NATS can't be asked for the moment; it is tried again
	Worked  func()       // the lease was read or written
}

// Lease says which of several instances runs the partitions of a layout, so
// that a second one waits instead of taking them from the first. It saves work;
// it does not fence: the nonces of the manifests do, and keep all promises where
// two believe that they hold the lease. The lease is of the whole process, whatever
// partitions it runs: who loses it stands by, and who loses one partition to an
// instance that runs without a lease goes on with the others, and ends once it has
// none.
//
// The holder writes the key again in every third of the time to live. Whoever
// waits measures on the own clock how long the key has not changed, so it does
// not matter what time it is anywhere. The bucket forgets keys that nobody
// renews some time later.
//
// One goroutine at a time may use a Lease.
type Lease struct {
	js       natsjs.JetStream
	layout   Layout
	holder   Holder
	ttl      time.Duration
	observer LeaseObserver
	kept     natsjs.KeyValue // the bucket, once opened; nil where it may be gone
	revision uint64          // of the key as this holder wrote it; 0 while it has none
}

// NewLease returns the lease of a layout. It asks the server nothing. A ttl of 0
// is DefaultLeaseTTL.
func NewLease(js natsjs.JetStream, layout Layout, holder Holder, ttl time.Duration, observer LeaseObserver) *Lease {
	nothing := LeaseObserver{func(Holder) {}, func(error) {}, func() {}}
	if observer.Waiting == nil {
		observer.Waiting = nothing.Waiting
	}
	if observer.Failed == nil {
		observer.Failed = nothing.Failed
	}
	if observer.Worked == nil {
		observer.Worked = nothing.Worked
	}

	return &Lease{
		js: js, layout: layout.WithDefaults(), holder: holder,
		ttl: orDefault(ttl, DefaultLeaseTTL), observer: observer,
	}
}

// Acquire takes the lease once it is free, and stands by until then. An attempt to take
// it is waited for even where ctx ends: nil says that the lease is held then, too.
func (l *Lease) Acquire(ctx context.Context) error {
	var seen sighting
	var told string
	for {
		held, revision, err := l.load(ctx)
		if err == nil && seen.free(held.Nonce, revision, time.Now(), l.ttl) {
			if err = l.write(context.WithoutCancel(ctx), revision); err == nil {
				return nil
			}
		}
		switch {
		case errors.Is(err, errLeaseMoved): // another was faster: look again
		case err != nil && !Passing(err):
			return err
		case err != nil:
			if ctx.Err() == nil {
				l.observer.Failed(err)
			}
		case held.Nonce != told:
			told = held.Nonce
			l.observer.Waiting(held)
		}
		if err := pause(ctx, l.ttl/24); err != nil {
			return err
		}
	}
}

// Seize takes the lease whoever holds it. It is for a server that has just
// begun, whose lease can only be one of before.
func (l *Lease) Seize(ctx context.Context) error {
	for {
		_, revision, err := l.load(ctx)
		if err == nil {
			err = l.write(ctx, revision)
		}
		if !errors.Is(err, errLeaseMoved) {
			return err
		}
	}
}

// Keep renews the lease until ctx ends. ErrLeaseLost: another has it. While NATS
// can't be asked it goes on trying: then nobody else can take the lease either,
// and if nobody has when NATS is back, it is as if nothing had been.
func (l *Lease) Keep(ctx context.Context) error {
	for pause(ctx, l.ttl/3) == nil {
		if err := l.Renew(ctx); errors.Is(err, ErrLeaseLost) {
			return err
		} else if err != nil && ctx.Err() == nil {
			l.observer.Failed(fmt.Errorf("renew the lease: %w", err))
		}
	}

	return nil
}

// Renew writes the key again. Where it is not as this holder left it, whose it
// is by now decides. ErrLeaseLost: it is another's.
func (l *Lease) Renew(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.ttl/2)
	defer cancel()
	err := l.write(ctx, l.revision)
	if err == nil {
		return nil
	}
	held, revision, loadErr := l.load(ctx)
	switch {
	case loadErr != nil:
		return errors.Join(err, loadErr)
	case held.Nonce != "" && held.Nonce != l.holder.Nonce:
		return fmt.Errorf("%w: %s", ErrLeaseLost, held)
	}

	return l.write(ctx, revision)
}

// Release gives the lease up, so that who stands by takes over at once. Without
// a lease, or where another has it by now, it does nothing.
func (l *Lease) Release(ctx context.Context) error {
	if l.revision == 0 {
		return nil
	}
	err := l.remove(ctx, l.revision)
	if errors.Is(err, errLeaseMoved) { // perhaps by a renewal whose answer nobody waited for
		held, revision, loadErr := l.load(ctx)
		switch {
		case loadErr != nil:
			err = errors.Join(err, loadErr)
		case held.Nonce == l.holder.Nonce:
			err = l.remove(ctx, revision)
		default:
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("release the lease: %w; who stands by waits for %s", err, l.ttl)
	}
	l.revision = 0

	return nil
}

// remove removes the key, if it still stands at revision.
func (l *Lease) remove(ctx context.Context, revision uint64) error {
	bucket, err := l.bucket(ctx)
	if err != nil {
		return err
	}
	if err := bucket.Delete(ctx, l.key(), natsjs.LastRevision(revision)); err != nil {
		return l.failed("delete", err)
	}

	return nil
}

// errLeaseMoved says that somebody wrote the key first.
var errLeaseMoved = errors.New("the lease was written meanwhile")

// load reads the key from the bucket's leader: who holds it, nobody where the
// nonce is empty, and at which revision it stands.
func (l *Lease) load(ctx context.Context) (Holder, uint64, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	if _, err := l.bucket(ctx); err != nil {
		return Holder{}, 0, err
	}
	message, err := leader{l.js, bucketStream(l.layout.Leases)}.last(ctx, "$KV."+l.layout.Leases+"."+l.key())
	if err != nil && !errors.Is(err, errNotFound) {
		return Holder{}, 0, l.failed("read", err)
	}
	l.observer.Worked()
	var held Holder
	if err != nil || json.Unmarshal(message.Data, &held) != nil {
		held = Holder{} // none, released, or not written by ebb: free
	}

	return held, message.Sequence, nil
}

// write makes the lease this holder's, if it still stands at revision.
func (l *Lease) write(ctx context.Context, revision uint64) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	bucket, err := l.bucket(ctx)
	if err != nil {
		return err
	}
	data, err := json.Marshal(l.holder)
	if err != nil {
		return err
	}
	written, err := bucket.Update(ctx, l.key(), data, revision)
	if err != nil {
		return l.failed("write", err)
	}
	l.revision = written
	l.observer.Worked()

	return nil
}

// failed tells why the lease could not be read or written.
func (l *Lease) failed(what string, err error) error {
	l.kept = nil
	var api *natsjs.APIError
	switch {
	case errors.As(err, &api) && (wrongLast(api) || api.ErrorCode == natsjs.JSErrCodeStreamNotFound):
		return errLeaseMoved // where the bucket is gone, the next look makes it again
	case errors.Is(err, natsjs.ErrNoStreamResponse):
		return errLeaseMoved
	}

	return fmt.Errorf("%s the lease: %w", what, err)
}

func (l *Lease) key() string { return l.layout.Stream }

// bucket opens the bucket, and makes it where it is missing. It may be deleted
// at any time; nothing is lost with it.
func (l *Lease) bucket(ctx context.Context) (natsjs.KeyValue, error) {
	if l.kept != nil {
		return l.kept, nil
	}
	name := l.layout.Leases
	bucket, err := l.js.KeyValue(ctx, name)
	if errors.Is(err, natsjs.ErrBucketNotFound) {
		bucket, err = l.js.CreateKeyValue(ctx, natsjs.KeyValueConfig{
			Bucket:      name,
			Description: "Which instance of ebb runs; keys vanish when nobody renews them",
			TTL:         5 * l.ttl,
			Replicas:    orDefault(l.layout.Replicas, 1),
		})
		if errors.Is(err, natsjs.ErrBucketExists) { // another instance was faster
			bucket, err = l.js.KeyValue(ctx, name)
		}
	}
	if err == nil {
		err = adaptBucket(ctx, l.js, bucketStream(name), l.layout, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", name, err)
	}
	l.kept = bucket

	return bucket, nil
}

// pause waits, but not beyond the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
