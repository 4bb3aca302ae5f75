package pipeline

import "time"

// pace says when a snapshot is due. A snapshot costs as much as the shard
// holds, whatever has changed; what it saves is the replay of the events since
// the one before. So it waits for the interval, and then for events that are
// worth the bytes: an eighth of the customers. A quiet shard is stored rarely,
// but it is: the ticks to replay pile up, and the record that the snapshot
// stands on must not fall out of the stream's retention.
type pace struct {
	interval time.Duration // least time between snapshots, by the wall clock
	at       time.Time     // of the last one
	events   uint64        // that the shard had processed then
}

// Arithmetic of pace.
const (
	worthOfCustomers = 8  // one event per so many customers pays for a snapshot
	patience         = 10 // intervals after which any event pays
	longest          = 6 * time.Hour
)

// due reports whether a shard with so many processed events and customers
// should be stored now.
func (p *pace) due(now time.Time, events uint64, customers int) bool {
	waited, since := now.Sub(p.at), events-p.events
	switch {
	case waited < p.interval:
		return false
	case since == 0:
		return waited >= longest
	}

	return since >= uint64(customers)/worthOfCustomers || waited >= patience*p.interval
}

// took notes a snapshot.
func (p *pace) took(now time.Time, events uint64) { p.at, p.events = now, events }
