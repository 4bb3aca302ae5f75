package windows

import (
	"fmt"
	"slices"
)

// Config is what the ring was made or reconfigured with.
func (r *Ring) Config() RingConfig { return r.config }

// Reconfigure gives the ring another lateness and bound and keeps what it holds.
// What was forgotten before stays so: with a longer lateness the owner must go on
// refusing what was late before. Slices of time become longer where the lateness
// asks for that, and never shorter.
func (r *Ring) Reconfigure(config RingConfig) error {
	if err := config.validate(); err != nil {
		return err
	}
	if config.Anywhere != r.config.Anywhere {
		return fmt.Errorf("%w: anywhere: a ring of identities with a time can't become one without; make another ring", ErrConfig)
	}
	count := sliceCount
	if config.Anywhere {
		count = sliceCountAny
	}
	r.config = config
	if shift := ringShift(config.Lateness, count); shift > r.shift {
		r.coarsen(shift)
	}

	return nil
}

// coarsen joins slices so that each is 1<<shift ms long.
func (r *Ring) coarsen(shift int) {
	by := shift - r.shift
	former := r.slices
	r.slices, r.count, r.shift = nil, 0, shift
	for len(former) > 0 {
		index, n, size := former[0].index>>by, 0, 0
		for ; n < len(former) && former[n].index>>by == index; n++ {
			size += former[n].tabled()
		}
		joined := ringSet{index: index, table: r.free.take(size)}
		for i := range former[:n] {
			joined.join(r.mixer, &former[i])
		}
		former = former[n:]
		r.slices = append(r.slices, joined)
		r.count += joined.len()
	}
}

// join takes over the identities of a neighbor.
func (s *ringSet) join(m mixer, other *ringSet) {
	s.zero = s.zero || other.zero
	other.table.all(func(id identity) {
		if s.table.insert(m, id) {
			s.used++
		}
	})
	switch {
	case other.packed == nil:
	case s.packed == nil:
		s.packed = other.packed
	default:
		s.packed = &packed{slices.Compact(merge(s.packed.keys, other.packed.keys))}
	}
}

// Known reports whether the identity of an event with time t was seen, and
// remembers nothing.
func (r *Ring) Known(id [2]uint64, t int64) bool {
	index := t >> r.shift
	if r.config.Anywhere && r.elsewhere(id, index, t) {
		return true
	}
	at := r.search(index)
	if at == len(r.slices) || r.slices[at].index != index {
		return false
	}
	s := &r.slices[at]

	return s.has(r.mixer, id) || s.packed != nil && s.packed.has(packedKey(id))
}
