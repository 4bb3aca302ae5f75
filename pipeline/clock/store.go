package clock

import (
	"slices"
	"time"

	"github.com/zeebo/xxh3"

	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
)

// storeClock is the live clock of a partition: the store times of its records,
// as far as they are plausible. A server whose clock runs ahead for a moment
// stores a few records with times of the far future.
//
// A store time is believed at once when it is at most a step ahead of the
// clock. A longer leap is held: the clock then goes on from where it stands by
// what the store times advance, so that cuts come, windows end and timers ring
// as before. It is settled by the first of these:
//
//   - The store times are back within a step of the clock: the leap was none.
//   - Producers bear it out. Of the latest event of each of the last 8
//     customers heard since the leap, the middle time, plus the lag that events
//     usually have, is where the clock goes. Where events are rare the first one
//     decides, and bears out its own store time: so nothing is held after a
//     quiet time. Where the last 8 came within a step it takes 3 customers, or as
//     many as these events had: a single producer with a wrong clock can't decide
//     while others speak. After an outage of the server the events that
//     producers kept move the clock along with their own times, and are in time.
//   - Nobody contradicts it for a step, by its own account, in at least 3
//     records. So a partition that hears nothing but ticks gets on, a step later.
//
// An event too far ahead of the held clock and not of the store time waits,
// within bounds, and is judged when the leap is settled: so a true leap makes no
// dead letters.
//
// Leaps within a step would add up where they come one after another. So one of
// more than leapPause is held too while the last events contradict those before.
//
// What it can't do: a leap of less than a step moves the clock, so events can be
// late that much earlier; a step is at most half the lateness for that. A false
// leap that lasts longer than a step is believed where no event comes that says
// otherwise, and at once where the producers' clocks leap alike, as on one
// machine. The first store time of all, and the first after an import, are
// believed as they are. After a leap backwards the clock stands still until the
// store times have caught up; fresh events are refused where that takes longer
// than the skew, and the leap is told (Leap.Behind) so that somebody sets the
// servers' clocks right and requeues them.
//
// All of it follows from the records alone, and stands in the snapshot.
type storeClock struct {
	step int64 // ms

	last    int64                     // store time of the last record; only to tell, and in no snapshot
	now     int64                     // up to where store times are believed; 0 before the first
	usual   int64                     // lag of events behind their store time that is usual here
	since   int64                     // now when usual was last looked at
	against uint32                    // events in a row that contradict the store times believed
	recent  [heardCustomers]testimony // of the last events, a ring
	spoke   uint64                    // events so far; the next goes to this place of the ring

	// While a leap is held:
	ahead   int64 // by how much store times are ahead of the clock; 0 for none
	began   int64 // the clock then
	calm    int64 // store time since which nobody contradicts the leap
	records int   // since then
	quorum  int
	heard   []testimony    // by customer, the one heard longest ago first
	moved   bool           // what was heard has moved the clock, so that some may wait no longer
	waiting []event.Record // in order; their bytes are the clock's own
	bytes   int            // of them

	leaps uint64 // held so far
}

// testimony is what an event says of the time.
type testimony struct {
	who uint64 // hash of the customer
	at  int64  // of recent the clock when it came, of heard the event's own time
	lag int64  // of recent, how far its time lies before its store time
}

const (
	minute = 60_000 // ms

	heardCustomers = 8
	fullQuorum     = 3
	calmRecords    = 3

	maxStep   = 5 * minute
	minStep   = int64(meaning.LeastStoreStep / time.Millisecond)
	leapPause = minute / 2 // longer than what lies between ticks

	// usual goes up by this part of the time that passes, and down at once.
	usualShare = 64

	maxWaiting      = 256
	maxWaitingBytes = 1 << 20
)

// newStoreClock takes the step that is configured, else half the lateness within
// bounds.
func newStoreClock(config *meaning.Config) storeClock {
	if config.StoreStep > 0 {
		return storeClock{step: config.StoreStep.Milliseconds()}
	}

	return storeClock{step: min(max(config.Lateness.Milliseconds()/2, minStep), maxStep)}
}

// plain says whether a store time is believed, and no leap is held.
func (c *storeClock) plain(stored int64) bool {
	return c.ahead == 0 && (c.now == 0 || stored <= c.now+c.reach())
}

// clone makes a copy that can be changed.
func (c *storeClock) clone() *storeClock {
	other := *c
	other.heard, other.waiting = slices.Clone(c.heard), slices.Clone(c.waiting)

	return &other
}

// take takes the store time of a live record.
func (c *storeClock) take(stored int64) {
	c.last = stored
	switch on := stored - c.ahead; {
	case c.now == 0 || stored <= c.now+c.reach():
		c.now = max(c.now, stored)
		c.settle()
	case c.ahead > 0 && on >= c.now-c.step && on <= c.now+c.step:
		if on <= c.now+leapPause {
			c.now = max(c.now, on)
		} else {
			c.ahead = stored - c.now // a leap within a leap
		}
		c.records++
		if c.records >= calmRecords && stored-c.calm >= c.step {
			c.now = stored
			c.settle()
		}
	default:
		c.leap(stored)
	}
}

// reach is how far ahead a store time is believed at once: a step, but after
// leaps that are in doubt no more than what lies between ticks.
func (c *storeClock) reach() int64 {
	if c.ahead > 0 || c.against >= fullQuorum {
		return leapPause
	}

	return c.step
}

// leap holds a leap. What was heard since another says nothing of it.
func (c *storeClock) leap(stored int64) {
	if c.ahead == 0 {
		c.began, c.quorum = c.now, c.speakers()
		c.leaps++
	}
	c.ahead, c.calm, c.records = stored-c.now, stored, 0
	c.heard = c.heard[:0]
}

// settle ends a leap that is held. Who waits is judged next.
func (c *storeClock) settle() {
	if c.ahead > 0 {
		c.ahead, c.against, c.moved = 0, 0, true
		c.heard = c.heard[:0]
	}
}

// speakers is how many customers have to bear a leap out. Where events are rare
// the next one does, because nothing else could. Where the last events all came
// within a step it takes as many customers as they had, fullQuorum at most.
func (c *storeClock) speakers() int {
	if c.spoke < heardCustomers {
		return 1
	}
	distinct := 0
	for i, h := range c.recent {
		if h.at < c.now-c.step {
			return 1
		}
		if !slices.ContainsFunc(c.recent[:i], func(other testimony) bool { return other.who == h.who }) {
			distinct++
		}
	}

	return min(distinct, fullQuorum)
}

// note keeps how far behind its store time an event is, while none is in doubt.
func (c *storeClock) note(customer []byte, lag int64) {
	c.recent[c.spoke%heardCustomers] = testimony{who: xxh3.Hash(customer), at: c.now, lag: lag}
	c.spoke++
	if c.spoke < heardCustomers || c.spoke%heardCustomers == 0 {
		c.learn()
	}
	if lag > c.usual+c.step/2 {
		c.against++
	} else {
		c.against = 0
	}
}

// learn looks at how far events are behind their store times.
func (c *storeClock) learn() {
	var buffer [heardCustomers]int64
	lags := buffer[:min(c.spoke, heardCustomers)]
	for i := range lags {
		lags[i] = max(c.recent[i].lag, 0)
	}
	slices.Sort(lags)
	middle := lags[(len(lags)-1)/2]
	if c.spoke > heardCustomers {
		middle = min(middle, c.usual+(c.now-c.since)/usualShare)
	}
	c.usual, c.since = middle, c.now
}

// hear lets an event speak of the leap that is held.
func (c *storeClock) hear(customer []byte, at, stored int64) {
	who := xxh3.Hash(customer)
	if i := slices.IndexFunc(c.heard, func(h testimony) bool { return h.who == who }); i >= 0 {
		at = max(at, c.heard[i].at)
		c.heard = slices.Delete(c.heard, i, i+1)
	} else if len(c.heard) == heardCustomers {
		c.heard = slices.Delete(c.heard, 0, 1)
	}
	c.heard = append(c.heard, testimony{who: who, at: at})
	if at+c.usual < stored-c.step {
		c.calm, c.records = stored, 0
	}
	if len(c.heard) < c.quorum {
		return
	}
	var buffer [heardCustomers]int64
	times := buffer[:0]
	for _, h := range c.heard {
		times = append(times, h.at)
	}
	slices.Sort(times)
	switch borne := times[(len(times)-1)/2] + c.usual; {
	case borne >= stored-c.step:
		c.now = stored
		c.settle()
	case borne > c.now+c.step:
		c.now, c.ahead, c.moved = borne, stored-borne, true
	}
}

// wait keeps a record until the leap is settled. Without room for it the one
// that waits longest is given back.
func (c *storeClock) wait(record *event.Record) (first event.Record, full bool) {
	kept := *record
	kept.Data = slices.Clone(record.Data)
	c.waiting = append(c.waiting, kept)
	c.bytes += len(kept.Data)
	if len(c.waiting) <= maxWaiting && c.bytes <= maxWaitingBytes {
		return event.Record{}, false
	}
	first = c.waiting[0]
	c.waiting = slices.Delete(c.waiting, 0, 1)
	c.bytes -= len(first.Data)

	return first, true
}

// awake takes out the records that wait, if the clock has moved by what was
// said of the leap.
func (c *storeClock) awake() []event.Record {
	if !c.moved {
		return nil
	}
	waiting := c.waiting
	c.moved, c.waiting, c.bytes = false, nil, 0

	return waiting
}

// forget begins anew, as where an import sets the clock.
func (c *storeClock) forget() { *c = storeClock{step: c.step, leaps: c.leaps} }
