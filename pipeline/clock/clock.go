package clock

import (
	"ebb/pipeline/event"
	"ebb/pipeline/meaning"
)

// Clock judges the records of one partition by their time. What time it is by them,
// its user keeps: it is given with every question.
type Clock struct {
	stored     storeClock
	skew       int64 // ms
	partition  int
	partitions int
	read       func(*event.Record) (*event.Event, bool)
}

// New is the clock of a partition before its first record. read gives the event in a
// record, until it is called again, and false where that is none; it is asked only
// while a store time is in doubt.
func New(config *meaning.Config, partition int, read func(*event.Record) (*event.Event, bool)) Clock {
	return Clock{
		stored:     newStoreClock(config),
		skew:       config.Skew.Milliseconds(),
		partition:  partition,
		partitions: config.Partitions,
		read:       read,
	}
}

// Reconfigure goes on under another configuration.
func (c *Clock) Reconfigure(config *meaning.Config) {
	c.skew = config.Skew.Milliseconds()
	c.stored.step = newStoreClock(config).step
}

// Moment is what a record says of the time, before it is taken.
type Moment struct {
	Now  int64 // what the clock will be
	Wait bool  // the record has to wait for what others say

	live   int64       // the store time to take; 0 where it has no say
	stored *storeClock // in its place, where a leap is held or begins
}

// Judge says what time it is once a record is taken, now being the time before it and
// importing whether an import is open. It changes nothing yet, because a cut may come
// before the record.
func (c *Clock) Judge(record *event.Record, now int64, importing bool) Moment {
	switch {
	case record.Forged, record.Unclocked, record.Control == event.ControlConfig, c.Beyond(record):
		return Moment{Now: now} // what it says has no say, least of all a stranger's in front of an import
	case importing:
		if record.Lane != event.LaneHistory {
			return Moment{Now: now}
		}

		return Moment{Now: max(now, record.Clock)}
	case record.Lane == event.LaneHistory && record.Control != event.ControlStart:
		return Moment{Now: now} // outside its import a history record has no say
	case record.Lane == event.LaneHistory:
		return Moment{Now: max(now, record.Clock)}
	case c.stored.plain(record.Clock):
		return Moment{Now: max(now, record.Clock), live: record.Clock}
	}
	stored := c.stored.clone()
	stored.take(record.Clock)
	if stored.ahead > 0 && record.Lane == event.LaneEvent {
		c.witness(stored, record)
	}
	m := Moment{Now: max(now, stored.now), live: record.Clock, stored: stored}
	m.Wait = stored.ahead > 0 && c.waits(record, m.Now)

	return m
}

// Take takes over what Judge has found. It reports whether that was about a leap; then
// some may wait no longer, see Awake.
func (c *Clock) Take(m *Moment) (leap bool) {
	switch {
	case m.stored != nil:
		c.stored = *m.stored

		return true
	case m.live > 0:
		c.stored.now, c.stored.last = max(c.stored.now, m.live), m.live
	}

	return false
}

// Beyond says whether the clock of a history record lies further ahead than any clock
// may. A record without a store time comes from no server.
func (c *Clock) Beyond(record *event.Record) bool {
	return record.Lane == event.LaneHistory && record.Stored > 0 && record.Clock > record.Stored+c.skew
}

// Note keeps how far behind its store time an accepted event is, unless a leap is held.
func (c *Clock) Note(record *event.Record, ev *event.Event) {
	if record.Lane == event.LaneEvent && c.stored.ahead == 0 {
		c.stored.note(ev.Customer, record.Clock-ev.Time)
	}
}

// witness lets an event say what it knows of a store time in doubt. One that is
// as wrong by the store time as by the clock says nothing.
func (c *Clock) witness(stored *storeClock, record *event.Record) {
	if record.Forged {
		return
	}
	if ev, ok := c.read(record); ok && event.PartitionOf(ev.Customer, c.partitions) == c.partition && ev.Time <= record.Clock+c.skew {
		stored.hear(ev.Customer, ev.Time, record.Clock)
	}
}

// waits says whether an event is too far ahead of a clock, but not of its store
// time: while a leap is held nobody knows which of the two is right. What moves comes from
// another partition, whose clock may be ahead by the leap.
func (c *Clock) waits(record *event.Record, now int64) bool {
	if moves(record) {
		return true
	}
	if record.Forged || record.Lane != event.LaneEvent {
		return false
	}
	ev, ok := c.read(record)

	return ok && ev.Time > now+c.skew && ev.Time <= record.Clock+c.skew
}

// moves says whether a record is that of a move.
func moves(record *event.Record) bool {
	return record.Lane == event.LaneControl && record.Control == event.ControlMove
}

// Wait keeps a record until the leap is settled. Without room for it the one that
// waits longest is given back, to be judged now.
func (c *Clock) Wait(record *event.Record) (first event.Record, full bool) {
	return c.stored.wait(record)
}

// Awake takes out the events that wait, if the clock has moved by what was said of the
// leap. Each is to be asked again, in this order: see StillWaits.
func (c *Clock) Awake() []event.Record { return c.stored.awake() }

// StillWaits says whether a record that was awake has to Wait again.
func (c *Clock) StillWaits(record *event.Record, now int64) bool {
	return c.stored.ahead > 0 && c.waits(record, now)
}

// Settle ends a leap that is held, as where an import begins or ends: who waits is to
// be judged, and then Forget.
func (c *Clock) Settle() { c.stored.settle() }

// Forget lets the store times begin anew.
func (c *Clock) Forget() { c.stored.forget() }

// Leaps is how many leaps were held so far.
func (c *Clock) Leaps() uint64 { return c.stored.leaps }

// Leap says that the store times of a partition's records are ahead of its clock, and
// that nobody has borne them out; or that they are behind it, and the clock stands
// still until they have caught up. The zero Leap is none.
type Leap struct {
	Ahead   int64 `json:"ahead,omitempty"`   // ms
	Since   int64 `json:"since,omitempty"`   // the clock when it began, Unix ms
	Waiting int   `json:"waiting,omitempty"` // events, and moves, that are judged when it is settled
	Behind  int64 `json:"behind,omitempty"`  // ms; only where Ahead is 0
}

// Held is the leap that is held.
func (c *Clock) Held() Leap {
	if c.stored.ahead == 0 {
		return Leap{}
	}

	return Leap{Ahead: c.stored.ahead, Since: c.stored.began, Waiting: len(c.stored.waiting)}
}

// Leap is the leap that is held, or how far the last store time is behind. The latter
// is forgotten by a restart, until the next record, and so in no cut. Only so much
// counts as behind that something is refused for it. The clock can't go back, and
// nobody can tell whether the server was set right or set wrong: so it waits.
func (c *Clock) Leap(now int64, importing bool) Leap {
	behind := now - c.stored.last
	switch {
	case c.stored.ahead > 0:
		return c.Held()
	case c.stored.last == 0, importing, behind <= max(min(c.stored.step, c.skew), leapPause):
		return Leap{}
	}

	return Leap{Behind: behind}
}
