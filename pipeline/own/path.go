package own

import (
	"sync"
	"sync/atomic"
	"time"

	"ebb/pipeline/event"
)

// path is how the records of one partition come to its owner.
//
// One reader serves all partitions of an instance: that costs the server half of
// what a reader each does. It hands records over directly, as long as the owner
// has room for them. One that has none for so long that the others wait for it
// leaves the common reader: what it misses there it reads alone, once it has
// room, and then it joins again. A partition that is started begins like that.
//
// What the common reader brings meanwhile is kept, as far as there is room, so
// that both meet: the one who reads alone goes on to the end of the stream, then
// takes what was kept, and where nothing was missed the partition has joined. If
// something was, it reads alone once more, over a shorter piece.
type path struct {
	direct atomic.Bool   // the common reader hands over; only who reads alone sets it, only the common reader takes it away
	served atomic.Bool   // the common reader has ever gone by this owner
	ended  atomic.Uint64 // one more than up to where the common reader had handed over when it let the partition go; 0 before
	parts  atomic.Uint64 // how often it left the common reader
	next   uint64        // from which record on to read; of the one who hands over

	mu     sync.Mutex
	ahead  [][]event.Record // what the common reader brought while the partition is read alone
	missed bool             // and what it brought after that was left out

	// The common reader's: how long it was kept waiting since a time.
	held  time.Duration
	since time.Time
}

// keptTogether is up to how many records are kept as one batch: at the end of the
// stream a batch is what has just come, often one record.
const keptTogether = 1000

// heldAtMost is how long, of a second, a partition without room may keep the
// common reader from others that have nothing to do. A store of outputs that is
// slow for everybody is no reason to part: then nobody is without work.
const (
	heldAtMost = 200 * time.Millisecond
	heldOf     = time.Second
	heldTick   = 5 * time.Millisecond
)

// hold notes how long a partition without room kept others waiting, and says
// whether it has for too long.
func (p *path) hold(now time.Time, waited time.Duration) bool {
	if now.Sub(p.since) > heldOf {
		p.held, p.since = 0, now
	}
	p.held += waited

	return p.held >= heldAtMost
}

// leave parts from the common reader, which leaves a batch out.
func (p *path) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held, p.ahead, p.missed = 0, nil, true
	p.parts.Add(1)
	p.direct.Store(false)
}

// keep takes the records that the common reader brings, unless they are to be handed
// over directly. What there is no room for is left out. Where it returns a batch, that
// may be used again.
func (p *path) keep(batch []event.Record) (spare []event.Record, direct bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.direct.Load() {
		return nil, true
	}
	if n := len(p.ahead); n > 0 && !p.missed && len(p.ahead[n-1])+len(batch) <= keptTogether {
		p.ahead[n-1] = append(p.ahead[n-1], batch...)

		return batch, false
	}
	if p.missed || len(p.ahead) >= queuedBatches {
		p.missed = true

		return batch, false
	}
	p.ahead = append(p.ahead, batch)

	return nil, false
}

// miss says that the common reader leaves something out.
func (p *path) miss() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.missed = true
}

// begin is called before a partition is read alone, up to an end of the stream
// that is asked for after that.
func (p *path) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.ahead) == 0 {
		p.missed = false
	}
}

// meet gives what was kept, or says that there is none: then the partition has
// joined the common reader, or has to be read alone again.
func (p *path) meet() (kept [][]event.Record, joined bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.ahead) > 0 {
		kept, p.ahead = p.ahead, nil

		return kept, false
	}
	if !p.missed {
		p.direct.Store(true)
	}

	return nil, !p.missed
}
