package shard

import "ebb/pipeline/event"

// This file says what time it is for a shard. Time is input: live it is the time
// at which the server stored the record, in an import the time in the record's
// header. The clock never goes backwards, and inside an import only the import
// moves it: a frozen history stays frozen while owners tick.
//
// No single record may take the clock to where it can't come back from. Beyond
// it every event is late, and nobody is told of anything, until real time has
// caught up. Two bounds keep it:
//
//   - What a header says holds up to the store time plus the skew. A history
//     record beyond that is a dead letter, and moves nothing.
//   - A store time holds as far as it is plausible; see storeClock in jump.go.

// moment is what a record says of the time, before the shard has taken it.
type moment struct {
	now    int64       // what the clock will be
	live   int64       // the store time to take; 0 where it has no say
	stored *storeClock // in its place, where a leap is held or begins
	wait   bool        // the record has to wait for what others say
}

// judge says what time it is once the shard takes the record. It changes
// nothing yet, because a cut may come before the record.
func (s *Shard) judge(record *event.Record) moment {
	switch {
	case record.Forged, record.Unclocked, record.Control == event.ControlConfig, s.beyondStore(record):
		return moment{now: s.clock} // what it says has no say, least of all a stranger's in front of an import
	case s.imported.open:
		if record.Lane != event.LaneHistory {
			return moment{now: s.clock}
		}

		return moment{now: max(s.clock, record.Clock)}
	case record.Lane == event.LaneHistory && record.Control != event.ControlStart:
		return moment{now: s.clock} // outside its import a history record has no say
	case record.Lane == event.LaneHistory:
		return moment{now: max(s.clock, record.Clock)}
	case s.stored.plain(record.Clock):
		return moment{now: max(s.clock, record.Clock), live: record.Clock}
	}
	stored := s.stored.clone()
	stored.take(record.Clock)
	if stored.ahead > 0 && record.Lane == event.LaneEvent {
		s.witness(stored, record)
	}
	m := moment{now: max(s.clock, stored.now), live: record.Clock, stored: stored}
	m.wait = stored.ahead > 0 && record.Lane == event.LaneEvent && s.waits(record, m.now)

	return m
}

// enter takes over what judge has found.
func (s *Shard) enter(m moment) {
	switch {
	case m.stored != nil:
		s.stored = *m.stored
		s.counts.Leaps = s.stored.leaps
		s.wake()
	case m.live > 0:
		s.stored.now, s.stored.last = max(s.stored.now, m.live), m.live
	}
}

// beyondStore says whether the clock of a history record lies further ahead
// than any clock may. A record without a store time comes from no server.
func (s *Shard) beyondStore(record *event.Record) bool {
	return record.Lane == event.LaneHistory && record.Stored > 0 && record.Clock > record.Stored+s.skew
}

// witness lets an event say what it knows of a store time in doubt. One that is
// as wrong by the store time as by the clock says nothing.
func (s *Shard) witness(stored *storeClock, record *event.Record) {
	ev := &s.event
	if !record.Forged && s.decoder.Decode(record.Data, ev) == nil &&
		event.PartitionOf(ev.Customer, s.config.Partitions) == s.partition && ev.Time <= record.Clock+s.skew {
		stored.hear(ev.Customer, ev.Time, record.Clock)
	}
}

// waits says whether an event is too far ahead of a clock, but not of its store
// time: while a leap is held nobody knows which of the two is right.
func (s *Shard) waits(record *event.Record, clock int64) bool {
	return !record.Forged && s.decoder.Decode(record.Data, &s.event) == nil &&
		s.event.Time > clock+s.skew && s.event.Time <= record.Clock+s.skew
}

// postpone keeps an event until the leap is settled.
func (s *Shard) postpone(record *event.Record) {
	if first, full := s.stored.wait(record); full {
		s.accept(&first)
	}
}

// wake judges the events that wait no longer.
func (s *Shard) wake() {
	for _, record := range s.stored.awake() {
		if s.stored.ahead > 0 && s.waits(&record, s.clock) {
			s.postpone(&record)
		} else {
			s.accept(&record)
		}
	}
}

// leaveStoreTime is where an import begins or ends: what waits is judged, and the
// store times begin anew.
func (s *Shard) leaveStoreTime() {
	s.stored.settle()
	s.wake()
	s.stored.forget()
}

// StoreLeap says that the store times of a partition's records are ahead of its
// clock, and that nobody has borne them out; or that they are behind it, and the
// clock stands still until they have caught up. The zero StoreLeap is none.
type StoreLeap struct {
	Ahead   int64 `json:"ahead,omitempty"`   // ms
	Since   int64 `json:"since,omitempty"`   // the clock when it began, Unix ms
	Waiting int   `json:"waiting,omitempty"` // events that are judged when it is settled
	Behind  int64 `json:"behind,omitempty"`  // ms; only where Ahead is 0
}

// StoreLeap is the leap that is held, or how far the last store time is behind.
// The latter is forgotten by a restart, until the next record, and so in no cut.
func (s *Shard) StoreLeap() StoreLeap {
	if s.stored.ahead == 0 {
		return StoreLeap{Behind: s.behindClock()}
	}

	return s.heldLeap()
}

// heldLeap is the leap that is held.
func (s *Shard) heldLeap() StoreLeap {
	if s.stored.ahead == 0 {
		return StoreLeap{}
	}

	return StoreLeap{Ahead: s.stored.ahead, Since: s.stored.began, Waiting: len(s.stored.waiting)}
}

// behindClock is how far the last store time is behind the clock, 0 where that is
// so little that nothing is refused for it. The clock can't go back, and nobody
// can tell whether the server was set right or set wrong: so it waits.
func (s *Shard) behindClock() int64 {
	behind := s.clock - s.stored.last
	if s.stored.last == 0 || s.imported.open || behind <= max(min(s.stored.step, s.skew), leapPause) {
		return 0
	}

	return behind
}

// advance moves the clock, and with it everything that waits for a time. The
// steps of the feed's watch close in between, each after the timers up to its
// end: so what is held depends on the input, and not on where ticks come.
func (s *Shard) advance(now int64) {
	s.clock = now
	for end, ok := s.feed.Next(now); ok; end, ok = s.feed.Next(now) {
		s.fireTimers(end)
		s.closeStep(end)
	}
	s.fireTimers(now)
	s.dismiss()
	s.sample()
}
