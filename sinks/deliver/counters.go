package deliver

import (
	"sync"
	"sync/atomic"
	"time"
)

// Counters are what a feed counts on one stream. They only grow, but for Lag,
// Oldest and Down, and may be read at any time.
type Counters struct {
	Messages atomic.Uint64 // written or set aside, markers included
	Rows     atomic.Uint64 // written
	Batches  atomic.Uint64 // written
	Retries  atomic.Uint64 // failed tries to write
	Refused  atomic.Uint64 // messages set aside because the sink refuses them, or they can't be read
	Gaps     atomic.Uint64 // times that retention removed messages before they were read
	Missing  atomic.Uint64 // messages removed so
	SetBacks atomic.Uint64 // times that the database held less than was written, and reading began again
	Sessions atomic.Uint64 // times that reading began, or began again after a fault
	Lag      atomic.Uint64 // messages stored and not yet written, when last looked
	Oldest   atomic.Int64  // when the oldest of these was stored, or somewhat before, Unix ms; 0 where there is none
	Down     atomic.Bool   // the sink fails, and is tried again

	mu      sync.Mutex    // of who sets written, Lag and Oldest, which belong together
	written atomic.Uint64 // stream sequence up to which all is written
}

// Written is the stream sequence up to which everything is written.
func (c *Counters) Written() uint64 { return c.written.Load() }

// Behind is the age of the oldest message that is stored and not yet written, 0
// where there is none.
func (c *Counters) Behind(now time.Time) time.Duration {
	oldest := c.Oldest.Load()
	if oldest == 0 {
		return 0
	}

	return max(0, now.Sub(time.UnixMilli(oldest)))
}

// locate notes where a session begins, which may be before where the last one
// ended.
func (c *Counters) locate(written, last uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.written.Store(written)
	c.lag(written, last)
}

// advance notes the last message of a batch that is written. What comes after it
// was stored no earlier.
func (c *Counters) advance(to *message) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.written.Store(to.Sequence)
	c.lag(to.Sequence, to.lastKnown)
	if c.Lag.Load() > 0 {
		c.Oldest.Store(to.stored.UnixMilli())
	}
}

// behind notes what was found in a stream whose last sequence is last. Nothing
// is noted where more was written meanwhile.
func (c *Counters) behind(before, written, last uint64, oldest time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()

	if c.written.Load() != before {
		return
	}
	c.lag(written, last)
	if c.Lag.Load() > 0 {
		c.Oldest.Store(oldest.UnixMilli())
	}
}

func (c *Counters) lag(written, last uint64) {
	c.Lag.Store(max(last, written) - written)
	if last <= written {
		c.Oldest.Store(0)
	}
}
