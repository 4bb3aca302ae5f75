package churn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
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
	alerted    uint16 // when someone was last told, since last healthy; see Alerted
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

// AppendBinary appends the state, little endian, StateSize bytes.
func (s *State) AppendBinary(dst []byte) []byte {
	for _, t := range [...]int64{int64(s.first), s.last, int64(s.heard[0]), int64(s.since), int64(s.timer)} {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(t))
	}
	dst = binary.LittleEndian.AppendUint64(dst, s.recent)
	for _, f := range [...]float32{
		s.visits[lately], s.visits[recently], s.visits[overall], s.events, s.purses.value[0], s.negatives, s.experience, s.contacts,
	} {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(f))
	}
	dst = binary.LittleEndian.AppendUint32(dst, s.episode)
	for _, n := range [...]uint16{s.slots, s.against, s.unanswered} {
		dst = binary.LittleEndian.AppendUint16(dst, n)
	}
	dst = append(dst, byte(s.rating), byte(s.level), s.channel, byte(s.marks))
	dst = binary.LittleEndian.AppendUint16(dst, s.alerted)
	dst = binary.LittleEndian.AppendUint64(dst, s.heard[1])
	p := &s.purses
	dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(p.value[1]))
	for _, n := range [...]uint16{p.orders[0], p.orders[1], uint16(p.currency[0]), uint16(p.currency[1])} {
		dst = binary.LittleEndian.AppendUint16(dst, n)
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(s.tally))

	return binary.LittleEndian.AppendUint32(dst, uint32(s.trouble))
}

// ReadState reads a state from the front of src and returns the rest. The
// error wraps ErrState.
func ReadState(src []byte) (State, []byte, error) {
	if len(src) < StateSize {
		return State{}, src, fmt.Errorf("%w: %d bytes left, want %d", ErrState, len(src), StateSize)
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(src[8*i:]) }
	faded := func(i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(src[48+4*i:])) }
	s := State{
		first:      moment(word(0)),
		last:       int64(word(1)),
		heard:      heard{word(2), binary.LittleEndian.Uint64(src[96:])},
		since:      moment(word(3)),
		timer:      moment(word(4)),
		recent:     word(5),
		tally:      tally(binary.LittleEndian.Uint64(src[116:])),
		trouble:    stamp(binary.LittleEndian.Uint32(src[124:])),
		visits:     [memories]float32{faded(0), faded(1), faded(2)},
		events:     faded(3),
		negatives:  faded(5),
		experience: faded(6),
		contacts:   faded(7),
		episode:    binary.LittleEndian.Uint32(src[80:]),
		slots:      binary.LittleEndian.Uint16(src[84:]),
		against:    binary.LittleEndian.Uint16(src[86:]),
		unanswered: binary.LittleEndian.Uint16(src[88:]),
		rating:     int8(src[90]),
		level:      Level(src[91]),
		channel:    src[92],
		marks:      marks(src[93]),
		alerted:    binary.LittleEndian.Uint16(src[94:]),
		purses: purses{
			value:    [2]float32{faded(4), math.Float32frombits(binary.LittleEndian.Uint32(src[104:]))},
			orders:   [2]uint16{binary.LittleEndian.Uint16(src[108:]), binary.LittleEndian.Uint16(src[110:])},
			currency: [2]Currency{Currency(binary.LittleEndian.Uint16(src[112:])), Currency(binary.LittleEndian.Uint16(src[114:]))},
		},
	}
	if err := s.check(); err != nil {
		return State{}, src, err
	}

	return s, src[StateSize:], nil
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
