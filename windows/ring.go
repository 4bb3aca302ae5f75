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
// Where an identity may be in any slice there are about eight, because each of
// them is asked.
const (
	leastShift     = 10 // a slice is 1<<shift ms
	mostShift      = 50
	sliceCount     = 10 // as a power of two
	sliceCountAny  = 3
	hotIdentities  = 1 << 18 // the newest so many are never packed
	leastWorthwile = 64      // identities of a slice that packing pays for
)

func ringShift(span int64, count int) int {
	return max(leastShift, bits.Len64(uint64(span))-count)
}

// RingConfig says what a ring remembers.
type RingConfig struct {
	Lateness int64 // ms; for how long after its time an identity is remembered

	// Most bounds the identities remembered, and with them the memory: about 8
	// bytes each, beside 18 MB for the newest. When there are more, the oldest
	// slices are forgotten before their time; see [Ring.Floor]. The newest slice
	// is always kept. 0 is no bound.
	Most int

	// Anywhere is for identities without a time: the time given is that of the
	// clock, and an identity is known if any slice holds it.
	Anywhere bool
}

func (c RingConfig) validate() error {
	switch {
	case c.Lateness < 0 || c.Lateness > maxDuration:
		return fmt.Errorf("%w: lateness: %d ms, give 0 to %d", ErrConfig, c.Lateness, maxDuration)
	case c.Most < 0:
		return fmt.Errorf("%w: most: %d identities, give 0 for no bound, or more", ErrConfig, c.Most)
	}

	return nil
}

// Ring remembers the identities of accepted events for exactly as long as an
// event with the same time is not late: lateness is judged first, and only
// events in time are asked for here, so an older duplicate is late and never
// counted twice. The time must be part of the identity, or at least be the
// same for every copy of an event; else see [RingConfig.Anywhere].
//
// The newest identities stand in hash tables, about 70 bytes each. Older ones
// are packed to 8 bytes, half of what they were: that of a billion events which
// come for a packed slice of a million, one is taken for another by chance has a
// probability of about 5·10^-5.
type Ring struct {
	config RingConfig
	shift  int
	slices []ringSet // ascending
	count  int
	floor  int64
	mixer  mixer
	free   freeTables
}

type identity = [2]uint64

// NewRing returns an empty ring, or an error that wraps [ErrConfig].
func NewRing(config RingConfig) (*Ring, error) {
	if err := config.validate(); err != nil {
		return nil, err
	}
	count := sliceCount
	if config.Anywhere {
		count = sliceCountAny
	}

	return &Ring{config: config, shift: ringShift(config.Lateness, count), floor: MinTime, mixer: newMixer()}, nil
}

// Seen reports whether the identity of an event with time t was seen, and
// remembers it. The identity must be a good 128-bit hash; t must not be late,
// nor below the floor.
func (r *Ring) Seen(id [2]uint64, t int64) bool {
	if r.config.Anywhere && r.elsewhere(id, t>>r.shift, t) {
		return true
	}
	s := r.at(t >> r.shift)
	if s.packed != nil && s.packed.has(packedKey(id)) {
		return true
	}
	if s.table.full(s.used) {
		r.grow(s)
	}
	s.own()
	if s.insert(r.mixer, id) {
		return true
	}
	r.count++

	return false
}

// Approach is for an identity of which Seen is asked soon, with the same time: it begins to
// bring near where that stands.
func (r *Ring) Approach(id [2]uint64, t int64) {
	index := t >> r.shift
	if at := r.search(index); at < len(r.slices) && r.slices[at].index == index {
		r.slices[at].table.approach(r.mixer, id)
	}
}

// elsewhere says whether another slice than that of the index holds the
// identity. What is beyond the lateness is not asked, though it may not have
// expired yet: what is known must not depend on when Expire is called.
func (r *Ring) elsewhere(id identity, index, t int64) bool {
	for i := r.search(Watermark(t, r.config.Lateness) >> r.shift); i < len(r.slices); i++ {
		s := &r.slices[i]
		if s.index != index && (s.has(r.mixer, id) || s.packed != nil && s.packed.has(packedKey(id))) {
			return true
		}
	}

	return false
}

// grow doubles a slice's table.
func (r *Ring) grow(s *ringSet) {
	old := *s
	s.table, s.shared = r.free.take(s.used), false
	old.table.all(func(id identity) { s.table.insert(r.mixer, id) })
	r.recycle(&old)
}

// Expire forgets the slices that hold only times before the watermark, and what
// is beyond the bound; and it packs the older ones. It is for owners to call now
// and then, always at the same places of their input.
func (r *Ring) Expire(clock int64) {
	r.drop(r.search(Watermark(clock, r.config.Lateness) >> r.shift))
	if r.count > hotIdentities {
		r.pack()
	}
	if r.config.Most == 0 || r.count <= r.config.Most {
		return
	}
	n, left := 0, r.count
	for n < len(r.slices)-1 && r.slices[n].index < clock>>r.shift && left > r.config.Most {
		left -= r.slices[n].len()
		n++
	}
	if n > 0 {
		r.floor = max(r.floor, (r.slices[n-1].index+1)<<r.shift)
		r.drop(n)
	}
}

// drop forgets the first n slices.
func (r *Ring) drop(n int) {
	for i := range n {
		r.count -= r.slices[i].len()
		r.recycle(&r.slices[i])
	}

	if n > 0 {
		r.slices = slices.Delete(r.slices, 0, n)
	}
}

// pack packs the slices before those that hold the newest identities. What
// comes for a packed slice later waits in its table until it is worth a merge.
func (r *Ring) pack() {
	newest := 0
	for i := len(r.slices) - 1; i >= 0; i-- {
		s := &r.slices[i]
		if newest < hotIdentities {
			newest += s.len()

			continue
		}
		if n := s.tabled(); n >= max(leastWorthwile, s.packed.len()/8) {
			old := *s
			s.pack()
			s.table, s.shared = r.free.take(0), false
			r.recycle(&old)
		}
	}
}

// Slice is how long a slice of time is, in ms: what lies in one is forgotten
// together.
func (c RingConfig) Slice() int64 {
	if c.Anywhere {
		return 1 << ringShift(c.Lateness, sliceCountAny)
	}

	return 1 << ringShift(c.Lateness, sliceCount)
}

// Floor is the time below which identities were forgotten although they were
// not late, because there were too many: whether an event with such a time is a
// duplicate can't be told. It never falls; [MinTime] where that never happened.
func (r *Ring) Floor() int64 { return r.floor }

// Len is the number of identities remembered.
func (r *Ring) Len() int { return r.count }

// Bytes is about how much memory the ring holds.
func (r *Ring) Bytes() int64 {
	n := int64(cap(r.slices))*80 + r.free.bytes()
	for i := range r.slices {
		n += r.slices[i].table.bytes() + 8*int64(r.slices[i].packed.len())
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
