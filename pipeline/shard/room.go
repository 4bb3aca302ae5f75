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

// full says whether there is no room for another customer.
func (p *people) full() bool { return p.Len() >= p.most }

// mayHaveRoom says whether it is worth a look at all who could make room: nobody has
// become more silent than the clock says.
func (p *people) mayHaveRoom(clock int64) bool { return clock >= p.roomFrom }

// mostSilent are those who are to make room, in the order of the table: none where
// nobody has been silent for long enough.
func (p *people) mostSilent(clock int64) []uint32 {
	n := max(1, p.most/roomShare)
	var found []silentCustomer
	next := int64(1) << 62
	for index := range p.Count {
		who, ok := p.mayMakeRoom(index, clock)
		if !ok {
			next = min(next, p.state(index).LastAny()+p.keep.Watched)

			continue
		}
		found = append(found, who)
		if len(found) >= 4*n {
			found = mostSilent(found, n)
		}
	}
	if len(found) == 0 {
		p.roomFrom = next

		return nil
	}
	found = mostSilent(found, n)
	indices := make([]uint32, len(found))
	for i, who := range found {
		indices[i] = who.index
	}
	slices.Sort(indices)

	return indices
}

func (p *people) mayMakeRoom(index uint32, clock int64) (silentCustomer, bool) {
	who := p.Peek(index)
	silence := clock - who.Churn.LastAny()
	if who.ID.Length == 0 || silence < p.keep.Watched {
		return silentCustomer{}, false
	}
	span := p.keep.Of(p.ID(index))
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
