package windows

import (
	"slices"

	"ebb/windows/huge"
)

// Clone returns a copy of the ring, so that another goroutine may encode it.
// Both share the tables: the ring copies a table before it changes one, and a
// shared one is never used again for another slice. So it costs as much as
// there are slices of time, however many identities they hold.
func (r *Ring) Clone() *Ring {
	for i := range r.slices {
		r.slices[i].shared = true
	}
	clone := *r
	clone.free = freeTables{}
	clone.slices = slices.Clone(r.slices)

	return &clone
}

// own makes a slice's table the ring's own, so that it may be changed.
func (s *ringSet) own() {
	if s.shared {
		s.table.tags, s.table.ids = huge.Clone(s.table.tags), huge.Clone(s.table.ids)
		s.shared = false
	}
}

// recycle keeps the table of a slice that is forgotten for another.
func (r *Ring) recycle(s *ringSet) {
	if !s.shared {
		r.free.put(s.table)
	}
}
