package feed

import "sync/atomic"

// Counters are what a feed counts on one stream. They only grow, but for Lag
// and Down, and may be read at any time.
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
	Down     atomic.Bool   // the sink fails, and is tried again

	written atomic.Uint64 // stream sequence up to which all is written
}

// Written is the stream sequence up to which everything is written.
func (c *Counters) Written() uint64 { return c.written.Load() }

// seen takes last, the last sequence of the stream, for the lag.
func (c *Counters) seen(last uint64) {
	written := c.written.Load()
	c.Lag.Store(max(last, written) - written)
}
