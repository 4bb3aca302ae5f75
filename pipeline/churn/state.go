package churn

import (
	"errors"
	"fmt"
	"math"

	"ebb/windows/codec"
)

// State is all that the model keeps of one customer: 128 bytes, no pointer.
// The zero State is a customer of whom nothing is known.
//
// What is faded is so as of last; what came after last counts in full until
// the next qualifying event. So nothing changes in silence.
type State struct {
	first      moment            // time of the first qualifying event, and the seasons; see seasons
	last       int64             // time of the latest qualifying event
	heard      heard             // latest events of each side, and latest end of the relation, whatever came later
	since      moment            // when the level was last raised, and the mean of the pauses; see pauses
	timer      moment            // when the owner will next look, set by the owner, and their variance
	recent     uint64            // bit k: the slot k before that of last was active
	tally      tally             // visits of the newest of these slots
	visits     [memories]float32 // visits, faded
	events     float32           // events, faded like visits[lately]
	negatives  float32           // negative events, faded like visits[overall]
	experience float32           // ratings from -1 to 1, each half of what was before; faded like visits[overall]
	contacts   float32           // messages of the company, faded like visits[recently]
	purses     purses            // what they have paid
	episode    uint32            // level changes so far
	slots      uint16            // active slots ever, saturating
	against    uint16            // negative events ever, saturating
	unanswered uint16            // messages of the company since last moved, saturating
	rating     int8              // the newest, in hundredths; 0 before the first
	level      Level
	channel    uint8 // of the latest qualifying event
	marks      marks
	alerted    uint16 // when someone was last told, since last healthy, see Alerted; of who is not Known see Join
	trouble    stamp  // the newest negative event, and which Trouble it was
}

// Known says whether there was a qualifying event. The model says nothing of
// customers who never engaged.
func (s *State) Known() bool { return s.slots > 0 }

// Level is the customer's level.
func (s *State) Level() Level { return s.level }

// First is the time of the first qualifying event; it means nothing before
// Known.
func (s *State) First() int64 { return s.first.time() }

// Last is the time of the latest qualifying event; it means nothing before
// Known.
func (s *State) Last() int64 { return s.last }

// LastAny is the time of the latest event of any kind, 0 before the first.
func (s *State) LastAny() int64 { return s.heard.latest() }

// Since is when the level was last raised, 0 if it never was.
func (s *State) Since() int64 { return s.since.time() }

// Episode counts the customer's level changes.
func (s *State) Episode() uint32 { return s.episode }

// Returned says whether the customer had left before, see Return.
func (s *State) Returned() bool { return s.marks&markReturned != 0 }

// Return marks a customer of whom nothing is known any more as one who had left
// before. Episodes then begin after the minutes from 1970 on: the former ones
// were fewer, so no two changes have the same.
func (s *State) Return(now int64) {
	s.marks |= markReturned
	s.episode = uint32(now / 60_000)
}

// joinedMark stands in place of the last alert, of which there is none before a customer
// is Known.
const joinedMark = math.MaxUint16

// Join drops all that is known of a customer who is another one, but for when they were
// heard of. Nothing that they do makes them Known again.
func (s *State) Join() {
	*s = State{heard: s.heard, episode: s.episode, marks: s.marks & (markReturned | markNotice), alerted: joinedMark}
}

// Joined says whether the customer is another one; see Join.
func (s *State) Joined() bool { return !s.Known() && s.alerted == joinedMark }

// Slots counts the active slots ever, up to 65,535. See Model for what a slot
// is.
func (s *State) Slots() int { return int(s.slots) }

// Channel is that of the latest qualifying event, as the owner numbers them.
func (s *State) Channel() uint8 { return s.channel }

// Left says whether the customer has ended the relation, and has not engaged
// since. It compares the latest end with the latest engagement by when they
// were. When they became known doesn't matter, so they may come in any order.
func (s *State) Left() bool { return s.Known() && s.heard.ended() > s.last }

// Timer is the time that SetTimer kept: 0 before the first, math.MaxInt64 for
// never.
func (s *State) Timer() int64 { return s.timer.time() }

// SetTimer keeps the time at which the owner will next look at the customer.
func (s *State) SetTimer(at int64) { s.timer = s.timer.at(at) }

// StateSize is how many bytes AppendBinary appends.
const StateSize = 128

// ErrState says that bytes are not a State that AppendBinary wrote.
var ErrState = errors.New("churn: not a customer's state")

// AppendBinary appends the state, StateSize bytes of fixed numbers.
func (s *State) AppendBinary(dst []byte) []byte {
	w := codec.To(dst)
	for _, t := range [...]uint64{uint64(s.first), uint64(s.last), s.heard[0], uint64(s.since), uint64(s.timer), s.recent} {
		w.Fixed64(t)
	}
	for _, f := range [...]float32{
		s.visits[lately], s.visits[recently], s.visits[overall], s.events, s.purses.value[0], s.negatives, s.experience, s.contacts,
	} {
		w.Float32(f)
	}
	w.Fixed32(s.episode)
	for _, n := range [...]uint16{s.slots, s.against, s.unanswered} {
		w.Fixed16(n)
	}
	for _, b := range [...]byte{byte(s.rating), byte(s.level), s.channel, byte(s.marks)} {
		w.Byte(b)
	}
	w.Fixed16(s.alerted)
	w.Fixed64(s.heard[1])
	p := &s.purses
	w.Float32(p.value[1])
	for _, n := range [...]uint16{p.orders[0], p.orders[1], uint16(p.currency[0]), uint16(p.currency[1])} {
		w.Fixed16(n)
	}
	w.Fixed64(uint64(s.tally))
	w.Fixed32(uint32(s.trouble))

	return w.Bytes()
}

// ReadState reads what AppendBinary wrote. The reader's error says what is wrong
// with it.
func ReadState(r *codec.Reader) (s State) {
	b := codec.Block(r.Take(StateSize))
	if b == nil {
		return s
	}
	s.first, s.last, s.heard[0] = moment(b.Fixed64()), int64(b.Fixed64()), b.Fixed64()
	s.since, s.timer, s.recent = moment(b.Fixed64()), moment(b.Fixed64()), b.Fixed64()
	for _, f := range [...]*float32{
		&s.visits[lately], &s.visits[recently], &s.visits[overall], &s.events, &s.purses.value[0], &s.negatives, &s.experience, &s.contacts,
	} {
		*f = b.Float32()
	}
	s.episode = b.Fixed32()
	s.slots, s.against, s.unanswered = b.Fixed16(), b.Fixed16(), b.Fixed16()
	s.rating, s.level, s.channel, s.marks = int8(b.Byte()), Level(b.Byte()), b.Byte(), marks(b.Byte())
	s.alerted, s.heard[1] = b.Fixed16(), b.Fixed64()
	p := &s.purses
	p.value[1] = b.Float32()
	p.orders[0], p.orders[1], p.currency[0], p.currency[1] = b.Fixed16(), b.Fixed16(), Currency(b.Fixed16()), Currency(b.Fixed16())
	s.tally, s.trouble = tally(b.Fixed64()), stamp(b.Fixed32())
	if err := s.check(); err != nil {
		r.Fail("%w", err)
	}

	return s
}

// check refuses what no sequence of calls leads to and what would make the
// formulas fail.
func (s *State) check() error {
	switch {
	case s.level >= Levels:
		return fmt.Errorf("%w: level %d", ErrState, s.level)
	case s.Known() != (s.recent&1 == 1):
		return fmt.Errorf("%w: %d slots, recent slots %#x", ErrState, s.slots, s.recent)
	case !s.fadedRight():
		return fmt.Errorf("%w: %v faded visits, %v events, %v, %v negatives, experience %v, %v contacts",
			ErrState, s.visits, s.events, s.purses, s.negatives, s.experience, s.contacts)
	case s.marks >= markEnd:
		return fmt.Errorf("%w: marks %#x, of which some have no meaning", ErrState, s.marks)
	case s.Known() != (s.tally&mostVisits != 0):
		return fmt.Errorf("%w: %d slots, visits by slot %#x", ErrState, s.slots, s.tally)
	case s.first.rest()>>(2*seasonsPerYear) != 0 || !s.Known() && s.first.rest() != 0:
		return fmt.Errorf("%w: seasons %#x", ErrState, s.first.rest())
	case !s.pausesRight():
		return fmt.Errorf("%w: pauses %+v", ErrState, s.pauses())
	case s.trouble.about() >= Troubles:
		return fmt.Errorf("%w: trouble %#x", ErrState, s.trouble)
	case s.First() > s.last:
		return fmt.Errorf("%w: first event at %d, after the last at %d", ErrState, s.First(), s.last)
	case !inRange(s.First()) || !inRange(s.last) || !inRange(s.heard.own()) || !inRange(s.heard.ours()) || !inRange(s.Since()) || !inRange(max(s.heard.ended(), 1)-1):
		return fmt.Errorf("%w: a time outside of the years 1970 to 2200", ErrState)
	}

	return nil
}

// fadedRight says whether the counts are those of a customer, or of nobody.
func (s *State) fadedRight() bool {
	for _, f := range [...]float32{s.visits[lately], s.visits[recently], s.visits[overall], s.events} {
		if !s.Known() && f != 0 || s.Known() && !(f > 0 && f <= math.MaxFloat32) {
			return false
		}
	}

	for _, f := range [...]float32{s.negatives, s.contacts} {
		if !(f >= 0 && f <= math.MaxFloat32) {
			return false
		}
	}

	return s.purses.right() && math.Abs(float64(s.experience)) <= 1
}

// MaxTime is the last millisecond of the year 2200. Times from 0 up to it
// can be observed.
const MaxTime = 7_289_654_399_999

func inRange(t int64) bool { return t >= 0 && t <= MaxTime }
