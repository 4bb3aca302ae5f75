package own

import "time"

// pace says when a snapshot is due. A snapshot costs as much as the shard
// holds, whatever has changed; what it saves is the replay of the events since
// the one before. So it waits for the interval, and then for events that are
// worth the bytes: an eighth of the customers. A quiet shard is stored rarely,
// but it is: the ticks to replay pile up, and the record that the snapshot
// stands on must not fall out of the stream's retention.
//
// The first snapshot of all comes at once, and those after it at distances that
// double up to the interval: a shard that reads a full stream from its front
// must not stand on records that the stream is about to remove.
type pace struct {
	interval time.Duration // least time between snapshots, by the wall clock
	at       time.Time     // of the last one
	events   uint64        // that the shard had processed then
	first    bool          // there is none yet
	young    time.Duration // the distance to the next while they double; 0 after that
}

// Arithmetic of pace.
const (
	worthOfCustomers = 8  // one event per so many customers pays for a snapshot
	patience         = 10 // intervals after which any event pays
	longest          = 6 * time.Hour
	youngest         = time.Second // after the first snapshot of all
)

// newPace begins at a time with so many events processed; stored says whether
// there is a snapshot. The shards of an instance take turns: each is given
// another share of the interval, above 0 and up to 1, to wait at first.
func newPace(now time.Time, interval time.Duration, events uint64, stored bool, share float64) pace {
	waited := time.Duration((1 - share) * float64(interval))

	return pace{interval: interval, at: now.Add(-waited), events: events, first: !stored}
}

// due reports whether a shard with so many processed events and customers
// should be stored now.
func (p *pace) due(now time.Time, events uint64, customers int) bool {
	waited, since := now.Sub(p.at), events-p.events
	switch {
	case p.first:
		return true
	case p.young > 0 && p.young < p.interval:
		return since > 0 && waited >= p.young
	case waited < p.interval:
		return false
	case since == 0:
		return waited >= longest
	}

	return since >= uint64(customers)/worthOfCustomers || waited >= patience*p.interval
}

// took notes a snapshot.
func (p *pace) took(now time.Time, events uint64) {
	p.at, p.events = now, events
	if p.first || p.young > 0 {
		p.first, p.young = false, max(2*p.young, youngest)
	}
	if p.young >= p.interval {
		p.young = 0
	}
}
