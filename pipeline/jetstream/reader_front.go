package jetstream

import (
	"context"
	"fmt"
	"time"
)

// A reader with filters can't tell a hole from records of others. So it looks where
// the stream begins, unless it has stood at the end of the stream all the time: of
// what comes there nothing is removed before it is read.

// frontEvery is how often a reader that is behind looks.
const frontEvery = time.Second

// front is what is known of the front of the stream.
type front struct {
	safe   uint64    // up to here nothing was removed before it was read
	behind bool      // there was more to read than was read, or that is not known
	asked  time.Time // when the stream was asked
}

// look notes how far the server has looked, as it says where nothing more is there.
func (r *reader) look(last string) {
	sequence, ok := parseNumber(last)
	if !ok || r.front == nil || len(r.batch) > 0 { // what is in the batch was not handed over
		return
	}
	if sequence > r.looked.Load() {
		r.looked.Store(sequence)
	}
	if !r.front.behind {
		r.front.safe = max(r.front.safe, sequence)
	}
}

// checkFront makes sure that nothing was removed before what is in the batch.
func (r *reader) checkFront(ctx context.Context) error {
	if r.front == nil {
		return nil
	}
	last := &r.batch[len(r.batch)-1]
	if !r.front.behind && last.pending == 0 {
		r.front.safe = last.sequence

		return nil
	}

	return r.lookAtFront(ctx, last.sequence, last.pending > 0)
}

// settleFront does so where nothing came.
func (r *reader) settleFront(ctx context.Context) error {
	if r.front == nil || !r.front.behind || r.looked.Load() <= r.front.safe {
		return nil
	}

	return r.lookAtFront(ctx, r.looked.Load(), false)
}

// lookAtFront asks where the stream begins, unless it has just been asked. The
// reader stands at a sequence.
func (r *reader) lookAtFront(ctx context.Context, at uint64, behind bool) error {
	r.front.behind = true // until it is known
	if time.Since(r.front.asked) < frontEvery {
		return nil
	}
	state, err := leader{r.js, r.stream}.state(ctx)
	if err != nil {
		return nil //nolint:nilerr // it is asked again with the next batch
	}
	r.front.asked = time.Now()
	if r.front.safe > 0 && state.First > r.front.safe+1 {
		return fmt.Errorf("%w: stream %s holds nothing before record %d, and was read up to %d; "+
			"raise its max_age or max_bytes, and read from record %d on knowing what is lost",
			ErrRemoved, r.stream, state.First, r.front.safe, state.First)
	}
	r.front.safe, r.front.behind = at, behind

	return nil
}
