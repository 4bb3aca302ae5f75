package shard

import (
	"cmp"
	"slices"

	"ebb/pipeline/churn"
	"ebb/pipeline/meaning"
)

// At MaxCustomers new customers take the room of others, rather than being
// refused: of those who have left, and else of those who have been silent for
// so long that nobody watches them any more. Whoever is watched stays, so a
// flood of ids pushes nobody out but itself, in time.

// roomShare is the part of the table that is freed at once, since looking
// through it costs as much for one customer as for many.
const roomShare = 64

// silentCustomer is a customer who may make room.
type silentCustomer struct {
	index   uint32
	watched bool    // neither lapsed nor one who never engaged
	silence float64 // as a share of how long the customer would be kept
}

// makeRoom lets customers go in favor of new ones. It reports false if nobody
// has been silent for long enough.
func (s *Shard) makeRoom() bool {
	if s.clock < s.roomFrom {
		return false // nobody has become more silent than the clock says
	}
	if gone := s.allGone(); len(gone) > 0 {
		s.leave(s.clock, gone...)

		return s.customers.Len() < s.config.MaxCustomers
	}
	n := max(1, s.config.MaxCustomers/roomShare)
	var found []silentCustomer
	next := int64(1) << 62
	for index := range s.customers.Count {
		who, ok := s.mayMakeRoom(index)
		if !ok {
			next = min(next, s.customers.Peek(index).Churn.LastAny()+s.keep.Watched)

			continue
		}
		found = append(found, who)
		if len(found) >= 4*n {
			found = mostSilent(found, n)
		}
	}
	if len(found) == 0 {
		s.roomFrom = next

		return false
	}
	found = mostSilent(found, n)
	indices := make([]uint32, len(found))
	for i, who := range found {
		indices[i] = who.index
	}
	slices.Sort(indices)
	s.counts.RoomMade += uint64(len(indices))
	s.remove(s.clock, indices)

	return true
}

func (s *Shard) mayMakeRoom(index uint32) (silentCustomer, bool) {
	who := s.customers.Peek(index)
	silence := s.clock - who.Churn.LastAny()
	if who.ID.Length == 0 || silence < s.keep.Watched {
		return silentCustomer{}, false
	}
	span := s.keep.Of(s.customers.ID(index))
	if span == 0 {
		span = meaning.MaxKeep.Milliseconds()
	}
	state := &who.Churn

	return silentCustomer{
		index:   index,
		watched: state.Known() && state.Level() != churn.Lapsed,
		silence: float64(silence) / float64(span),
	}, true
}

// mostSilent keeps so many: those whom nobody watches first.
func mostSilent(found []silentCustomer, n int) []silentCustomer {
	slices.SortFunc(found, func(a, b silentCustomer) int {
		switch {
		case a.watched != b.watched && a.watched:
			return 1
		case a.watched != b.watched:
			return -1
		}

		return cmp.Or(cmp.Compare(b.silence, a.silence), cmp.Compare(a.index, b.index))
	})

	return found[:min(n, len(found))]
}
