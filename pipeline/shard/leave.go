package shard

import (
	"math"

	"ebb/pipeline/churn"
)

// Customers leave: without any event for meaning.Config.Keep, nothing is known of them
// any more. Who comes again is a new customer, who says so.
//
// They have left from the first moment of the clock on that is Keep after their
// latest event, late ones included. That is looked at wherever something is
// about to be done for them: at an event, when a timer rings, before an alert.
// Their memory is freed once a day of the clock, and only then they are out of
// the levels. So what is said of a customer does not depend on when that is.
//
// They are kept for three horizons at least, by when most of them have lapsed and
// been told of, and until no window and no late event can be theirs: then nobody
// is counted twice as a customer of a window.

const dayMS = 24 * 60 * 60_000

// Gone says how many customers of a partition have left.
type Gone struct {
	Left     uint64 `json:"left"`      // after a long silence
	RoomMade uint64 `json:"room_made"` // for others, at meaning.Config.MaxCustomers
}

// gone says whether a customer has left by a time.
func (s *Shard) gone(index uint32, at int64) bool {
	who := s.customers.Peek(index)
	if at < who.Churn.LastAny()+min(s.keep.Known, s.keep.Anonymous) || who.ID.Length == 0 {
		return false
	}
	span := s.keep.Of(s.customers.ID(index))

	return span > 0 && at >= who.Churn.LastAny()+span
}

// find returns the index of a customer who has not left.
func (s *Shard) find(id []byte) (uint32, bool) {
	index, known := s.customers.Find(id)
	if known && s.gone(index, s.clock) {
		s.leave(s.clock, index)

		return 0, false
	}

	return index, known
}

// welcome takes in a customer whom find did not know.
func (s *Shard) welcome(id []byte) uint32 {
	index := s.customers.Add(id)
	if s.departed.has(id) {
		s.customers.At(index).Churn.Return(s.clock)
	}
	s.roomFrom = 0

	return index
}

// dismiss frees the memory of those who have left, once a day of the clock.
func (s *Shard) dismiss() {
	day := s.clock / dayMS
	if day <= s.day {
		return
	}
	s.day = day
	s.leave(s.clock, s.allGone()...)
}

func (s *Shard) allGone() (gone []uint32) {
	if s.keep.Known == 0 && s.keep.Anonymous == 0 {
		return nil
	}
	for index := range s.customers.Count {
		if s.gone(index, s.clock) {
			gone = append(gone, index)
		}
	}

	return gone
}

// leave lets customers go who have left by a time.
func (s *Shard) leave(at int64, indices ...uint32) {
	s.counts.Left += uint64(len(indices))
	s.remove(at, indices)
}

// remove takes customers out of everything that names them.
func (s *Shard) remove(at int64, indices []uint32) {
	if len(indices) == 0 {
		return
	}
	for _, index := range indices {
		if state := s.stateOf(index); state.Known() {
			s.levels[state.Level()]--
		}
		if s.held.has(index) {
			s.counts.Dropped++
			s.letGo(index, at)
		}
		s.timers.Schedule(index, math.MaxInt64)
		s.departed.add(s.customers.ID(index))
		s.customers.Remove(index)
	}
	left := s.customers.Vacant
	s.sampler.Leave(left)
	for i := range s.alerts.candidates {
		if c := &s.alerts.candidates[i]; c.customer != churn.Nobody && left(c.customer) {
			c.customer = churn.Nobody
		}
	}
}
