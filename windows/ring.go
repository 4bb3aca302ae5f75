package windows

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
)

// Identities whose event times lie in the same slice of time are forgotten
// together. A slice is 1024 ms long, so that the tables in use at a time, those
// of the last seconds, stay in the processor's caches; and longer for a
// lateness beyond 17 minutes, so that there are no more than about a thousand.
const (
	leastShift = 10 // a slice is 1<<shift ms
	mostShift  = 50
	sliceCount = 10 // as a power of two
)

func ringShift(lateness int64) int {
	return max(leastShift, bits.Len64(uint64(lateness))-sliceCount)
}

// Ring remembers the identities of accepted events for exactly as long as an
// event with the same time is not late: lateness is judged first, and only
// events in time are asked for here, so an older duplicate is late and never
// counted twice. The time must be part of the identity, or at least be the
// same for every copy of an event.
type Ring struct {
	lateness int64
	shift    int
	slices   []ringSet // ascending
	free     freeTables
}

type identity = [2]uint64

// NewRing returns an empty ring for an allowed lateness in milliseconds, or an
// error that wraps [ErrConfig].
func NewRing(lateness int64) (*Ring, error) {
	if lateness < 0 || lateness > maxDuration {
		return nil, fmt.Errorf("%w: lateness: %d ms, give 0 to %d", ErrConfig, lateness, maxDuration)
	}

	return &Ring{lateness: lateness, shift: ringShift(lateness)}, nil
}

// Seen reports whether the identity of an event with time t was seen, and
// remembers it. The identity must be a good 128-bit hash; t must not be late.
func (r *Ring) Seen(id [2]uint64, t int64) bool {
	s := r.at(t >> r.shift)
	if s.table.full(s.used) {
		r.grow(s)
	}

	return s.insert(id)
}

// grow doubles a slice's table.
func (r *Ring) grow(s *ringSet) {
	old := s.table
	s.table = r.free.take(s.used)
	old.all(func(id identity) { s.table.insert(id) })
	r.free.put(old)
}

// Expire forgets the slices that hold only times before the watermark.
func (r *Ring) Expire(clock int64) {
	n := r.search(Watermark(clock, r.lateness) >> r.shift)
	for i := range n {
		r.free.put(r.slices[i].table)
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
	n := int64(cap(r.slices))*72 + r.free.bytes()
	for i := range r.slices {
		n += r.slices[i].table.bytes()
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
		// A slice is likely to hold as much as its neighbor.
		size := 0
		if at > 0 {
			size = r.slices[at-1].used
		}

		r.slices = slices.Insert(r.slices, at, ringSet{index: index, table: r.free.take(size)})
	}

	return &r.slices[at]
}
