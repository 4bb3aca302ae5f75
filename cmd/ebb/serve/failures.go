package serve

import (
	"errors"
	"slices"
	"sync"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"
)

// failures are the writes to NATS that failed lately and were tried again.
type failures struct {
	mu    sync.Mutex
	since time.Time // the first of those without a pause between them
	last  time.Time
	text  string
	full  time.Time // the last that NATS refused because it can store no more
}

// failuresRest is how long after a failure the next one begins anew: the retries
// are at most 5 s apart, ticks and the coordinator's answers not much more.
const failuresRest = 20 * time.Second

// note takes a failure.
func (f *failures) note(now time.Time, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.last) > failuresRest {
		f.since = now
	}
	f.last, f.text = now, err.Error()
	if storageFull(err) {
		f.full = now
	}
}

// lately says since when writes have failed, and why the last one did; false
// where none has for a while. full: NATS stores no more.
func (f *failures) lately(now time.Time) (since time.Time, text string, full, found bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	found = !f.last.IsZero() && now.Sub(f.last) <= failuresRest
	full = found && !f.full.IsZero() && now.Sub(f.full) <= failuresRest

	return f.since, f.text, full, found
}

// Error codes by which a server says that it can store no more: out of disk or
// memory, at the account's limit, or at a stream's.
const (
	codeInsufficientResources = natsjs.ErrorCode(10023)
	codeMemoryExceeded        = natsjs.ErrorCode(10028)
	codeStorageExceeded       = natsjs.ErrorCode(10047)
	codeStoreFailed           = natsjs.ErrorCode(10077)
	codeAccountExceeded       = natsjs.ErrorCode(10002)
)

func storageFull(err error) bool {
	var api *natsjs.APIError

	return errors.As(err, &api) && slices.Contains([]natsjs.ErrorCode{
		codeInsufficientResources, codeMemoryExceeded, codeStorageExceeded, codeStoreFailed, codeAccountExceeded,
	}, api.ErrorCode)
}
