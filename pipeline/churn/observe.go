package churn

import "math"

// Event is what the model takes of one event.
type Event struct {
	Time       int64   // Unix ms, 0 to MaxTime
	Value      float64 // money: in units of Currency; below 0 for what is given back
	Experience float64 // how good the customer says it was, -1 to 1; see Rated
	Currency   Currency
	Channel    uint8 // a number that the owner gives it

	Trouble Trouble // what a Negative event is
	Notice  Notice  // what one that is not Qualifying says of the customer

	Qualifying bool // counts against silence
	Negative   bool // speaks against the relation: a complaint, a failed payment
	Contact    bool // a message that the company sent
	Ours       bool // what the company did or knows, as Contact is
	Reaction   bool // reads a message or follows a link in it, as scanners do too
	Scanned    bool // and a scanner did; see Model.Believe
	Ends       bool // ends the relation, as by contract: canceled, uninstalled
	Rated      bool // has an Experience
	Scored     bool // and it is a score that they gave
	Settles    bool // says that trouble is over
}

// Observe adds an event to a customer's history. Only qualifying events are
// engagement; others move LastAny, and count as what else they say. Events may
// come out of order: slots up to 8 horizons back count wherever they come.
//
// It reports whether a change of level may now be due before s.Timer(). If so,
// call Evaluate until it has nothing more to change and set the timer to
// NextLook. If not, the timer may stay where it is: it rings too early at
// worst. No level is raised before some patience, so most events cost neither a
// score nor a write to a timer.
func (m *Model) Observe(s *State, e Event) (sooner bool) {
	s.hear(&e)
	known := s.Known()
	if e.Qualifying {
		m.engage(s, &e)
	}
	if e.Negative || e.Contact || e.Ends || e.Rated || e.Settles || e.Value != 0 {
		s.tell(&e)
	}
	switch {
	case !known, s.level != Healthy, s.Left():
		return s.Known() // an event may clear a level, or end all
	case e.Qualifying:
		return s.Timer() > m.raisableFrom(s)
	}

	return s.Timer() > e.Time && (e.Negative || e.Contact || e.Rated || e.Value > 0 && m.config.ContactCost > 0) // the risk may be higher now, or they are worth more
}

// engage adds a qualifying event.
func (m *Model) engage(s *State, e *Event) {
	if s.Joined() {
		return
	}
	if e.Time > s.last {
		s.unanswered = 0
	}
	if s.Known() {
		m.count(s, e.Time)
	} else {
		s.contacts = 0 // before there was anything to answer with
		s.first, s.last = moment(e.Time), e.Time
		s.seasoned(e.Time)
		s.recent, s.slots, s.events, s.tally = 1, 1, 1, 1
		s.visits = [memories]float32{1, 1, 1}
	}
	if e.Time >= s.last {
		s.channel = e.Channel
	}
	if !(e.Value > 0) {
		s.marks |= markCame
	}
}

// tell adds what an event says beside engagement. Of customers who never
// engaged it is kept too: it tells once they have.
func (s *State) tell(e *Event) {
	if e.Value != 0 {
		s.purses.add(e.Value, e.Currency)
	}
	if e.Negative {
		s.negatives++
		s.against = min(s.against, math.MaxUint16-1) + 1
		s.trouble = max(s.trouble, stampOf(e.Time, uint8(e.Trouble)))
		s.marks &^= markSettled
	}
	if e.Contact {
		s.contacts++
		s.unanswered = min(s.unanswered, math.MaxUint16-1) + 1
	}
	if e.Rated {
		s.rating = int8(math.Round(100 * e.Experience))
		s.experience += (float32(e.Experience) - s.experience) / 2
		s.marks &^= markScored
		if e.Scored {
			s.marks |= markScored
		}
	}
	if e.Settles {
		s.marks |= markSettled
	}
	if e.Ends {
		s.heard.end(e.Time)
	}
}

// hear keeps when the newest event was, and what notice the customer took by it.
func (s *State) hear(e *Event) {
	if s.heard.hear(e) {
		s.marks = s.marks&^markNotice | marks(e.Notice)<<noticeShift
	}
}

// count adds a qualifying event to the history.
func (m *Model) count(s *State, t int64) {
	unseen := m.mark(s, t)
	gap := float64(t-s.last) * m.perUnit
	if gap < 0 {
		fade := fading(-gap)
		s.events += float32(fade[lately])
		// Only its slot can tell whether an event of the past was a visit.
		if unseen {
			for i := range s.visits {
				s.visits[i] += float32(fade[i])
			}
			s.tally.add(m.slotOf(s.last) - m.slotOf(t))
		}
		s.first = s.first.at(min(s.First(), t))

		return
	}
	if gap > 0 {
		m.fade(s, gap)
	}
	s.events++
	if unseen || gap > visitPause {
		s.paused(t - s.last)
		for i := range s.visits {
			s.visits[i]++
		}
		s.tally.add(0)
	}
	if absoluteSeason(t) != absoluteSeason(s.last) {
		s.seasoned(t)
	}
	s.last = t
}

// fade brings what is faded from last to a gap later.
func (m *Model) fade(s *State, gap float64) {
	fade := fading(gap)
	s.events *= float32(fade[lately])
	s.contacts *= float32(fade[recently])
	s.purses.fade(float32(fade[overall]))
	s.negatives *= float32(fade[overall])
	s.experience *= float32(fade[overall])
	for i := range s.visits {
		s.visits[i] *= float32(fade[i])
	}
}

// mark marks the slot of t as active and reports whether it was not.
func (m *Model) mark(s *State, t int64) bool {
	slot, newest := m.slotOf(t), m.slotOf(s.last)
	switch {
	case slot == newest:
		return false
	case slot > newest:
		s.recent = s.recent<<uint64(slot-newest) | 1 // a shift by 64 or more gives 0
		s.tally.shift(slot - newest)
	default:
		back := newest - slot
		if back >= recentSlots || s.recent>>uint64(back)&1 == 1 {
			return false
		}
		s.recent |= 1 << uint64(back)
	}
	if s.slots < math.MaxUint16 {
		s.slots++
	}

	return true
}

// fading is what a gap leaves of each memory. One power gives all, because
// each half-life is four times the one before.
func fading(gap float64) (fade [memories]float64) {
	power := math.Exp2(-gap / memory[overall])
	fade[overall] = power
	power *= power
	power *= power
	fade[recently] = power
	power *= power
	power *= power
	fade[lately] = power

	return fade
}
