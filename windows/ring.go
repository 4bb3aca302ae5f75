package windows

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
)

// ringSlice is the event time after which identities are forgotten together.
const ringSlice = minute

// maxFreeSets bounds how many freed tables a ring keeps for new slices.
const maxFreeSets = 4

// Ring remembers the identities of accepted events for exactly as long as an
// event with the same time is not late: lateness is judged first, and only
// events in time are asked for here, so an older duplicate is late and never
// counted twice. The time must be part of the identity, or at least be the
// same for every copy of an event.
type Ring struct {
	lateness int64
	slices   []ringSet // ascending
	free     [][]identity
}

type identity = [2]uint64

// NewRing returns an empty ring for an allowed lateness in milliseconds, or an
// error that wraps [ErrConfig].
func NewRing(lateness int64) (*Ring, error) {
	if lateness < 0 || lateness > maxDuration {
		return nil, fmt.Errorf("%w: lateness: %d ms, give 0 to %d", ErrConfig, lateness, maxDuration)
	}

	return &Ring{lateness: lateness}, nil
}

// Seen reports whether the identity of an event with time t was seen, and
// remembers it. The identity must be a good 128-bit hash; t must not be late.
func (r *Ring) Seen(id [2]uint64, t int64) bool {
	s := r.at(floorDiv(t, ringSlice))
	if 4*(s.used+1) > 3*len(s.table) {
		r.grow(s)
	}

	return s.insert(id)
}

// grow doubles a slice's table.
func (r *Ring) grow(s *ringSet) {
	old := s.table
	s.table = r.table(len(old))

	for _, id := range old {
		if id != (identity{}) {
			at, _ := s.slot(id)
			s.table[at] = id
		}
	}

	r.release(old)
}

// Expire forgets the slices that hold only times before the watermark.
func (r *Ring) Expire(clock int64) {
	n := r.search(floorDiv(Watermark(clock, r.lateness), ringSlice))
	for i := range n {
		r.release(r.slices[i].table)
	}

	if n > 0 {
		r.slices = slices.Delete(r.slices, 0, n)
	}
}

// Len is the number of identities remembered.
func (r *Ring) Len() int {
	n := 0
	for i := range r.slices {
		n += r.slices[i].len()
	}

	return n
}

// Bytes is about how much memory the ring holds.
func (r *Ring) Bytes() int64 {
	n := int64(cap(r.slices)) * 56
	for i := range r.slices {
		n += int64(cap(r.slices[i].table)) * 16
	}

	for _, t := range r.free {
		n += int64(cap(t)) * 16
	}

	return n
}

// search is the position of the first slice with at least this index.
func (r *Ring) search(index int64) int {
	if n := len(r.slices); n == 0 || r.slices[n-1].index < index {
		return n
	} else if back := r.slices[n-1].index - index; back < int64(n) && r.slices[n-1-int(back)].index == index {
		return n - 1 - int(back)
	}

	at, _ := slices.BinarySearchFunc(r.slices, index, func(s ringSet, i int64) int { return cmp.Compare(s.index, i) })

	return at
}

func (r *Ring) at(index int64) *ringSet {
	at := r.search(index)
	if at == len(r.slices) || r.slices[at].index != index {
		// A minute is likely to hold as much as its neighbor.
		size := 0
		if at > 0 {
			size = r.slices[at-1].used
		}

		r.slices = slices.Insert(r.slices, at, ringSet{index: index, table: r.table(size)})
	}

	return &r.slices[at]
}

// table gives an empty table with room for n identities: a freed one that is
// not much too large, or a new one.
func (r *Ring) table(n int) []identity {
	size := max(minTable, 1<<bits.Len(uint(n+n/2)))

	for i, t := range r.free {
		if len(t) >= size && len(t) <= 4*size {
			r.free = slices.Delete(r.free, i, i+1)
			clear(t)

			return t
		}
	}

	return make([]identity, size)
}

func (r *Ring) release(t []identity) {
	if len(r.free) == maxFreeSets {
		r.free = slices.Delete(r.free, 0, 1)
	}

	r.free = append(r.free, t)
}

// minTable is the size of the smallest table.
const minTable = 8

// ringSet is a set of identities: open addressing, linear probing, no pointers.
type ringSet struct {
	index int64
	table []identity // a power of two; the zero identity stands for empty
	used  int        // without the zero identity
	zero  bool       // the zero identity is a member
}

func (s *ringSet) len() int {
	if s.zero {
		return s.used + 1
	}

	return s.used
}

// insert reports whether id was a member, and makes it one. There must be room.
func (s *ringSet) insert(id identity) bool {
	if id == (identity{}) {
		was := s.zero
		s.zero = true

		return was
	}

	at, found := s.slot(id)
	if found {
		return true
	}

	s.table[at] = id
	s.used++

	return false
}

func (s *ringSet) slot(id identity) (int, bool) {
	mask := len(s.table) - 1
	for i := int(id[0]) & mask; ; i = (i + 1) & mask {
		switch s.table[i] {
		case id:
			return i, true
		case identity{}:
			return i, false
		}
	}
}

// sorted gives the members in ascending order.
func (s *ringSet) sorted() []identity {
	out := make([]identity, 0, s.len())
	if s.zero {
		out = append(out, identity{})
	}

	for _, id := range s.table {
		if id != (identity{}) {
			out = append(out, id)
		}
	}

	slices.SortFunc(out, func(a, b identity) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})

	return out
}
