package shard

import (
	"cmp"
	"slices"
)

// items is a table of what is known of the items of a cohort, 16 bytes each, by a hash
// of the item. It grows a segment at a time, so that no event waits for a whole table
// to be copied, and is shared with a snapshot on its way segment by segment. It has no
// pointers but those to its segments.
//
// The zero items has no memory yet.
type items struct {
	segments []*segment // 1<<depth of them, by the highest bits of the hash; several may be the same
	depth    uint8
}

// item is a place in the table. A state of 0 is a free one.
type item struct {
	hash  uint64
	state uint64
}

const (
	segmentItems = 1024
	segmentFull  = segmentItems * 3 / 4
	segmentSplit = segmentItems / 2 // so many are worth two segments
	mostDepth    = 16               // beyond it the hashes are made to meet
)

// segment is a hash table with linear probing.
type segment struct {
	items  [segmentItems]item
	used   int
	depth  uint8
	shared bool // a snapshot reads it: it must be copied before a write
}

const segmentBytes = segmentItems*16 + 24

// get is the state of an item, 0 where there is none.
func (t *items) get(hash uint64) uint64 {
	if t.segments == nil {
		return 0
	}
	s := t.segments[hash>>(64-t.depth)]

	return s.items[s.find(hash)].state
}

// find is the place of an item, or a free one where it would be.
func (s *segment) find(hash uint64) int {
	at := int(hash % segmentItems)
	for s.items[at].state != 0 && s.items[at].hash != hash {
		at = (at + 1) % segmentItems
	}

	return at
}

// put changes the state of an item, or adds one; false where there is no room. Items
// that are over, which over says, make room.
func (t *items) put(hash, state uint64, over func(state uint64) bool) bool {
	if t.segments == nil {
		t.segments = []*segment{{}}
	}
	for {
		at := hash >> (64 - t.depth)
		s := t.segments[at]
		place := s.find(hash)
		isNew := s.items[place].state == 0
		if isNew && s.used >= segmentFull {
			if !t.makeRoom(at, over) {
				return false
			}

			continue
		}
		s = t.own(at)
		s.items[place] = item{hash, state}
		if isNew {
			s.used++
		}

		return true
	}
}

// makeRoom takes out of a full segment what is over, or splits it.
func (t *items) makeRoom(at uint64, over func(uint64) bool) bool {
	old := t.segments[at]
	kept := segment{depth: old.depth}
	kept.take(old, func(i item) bool { return !over(i.state) })
	if kept.used <= segmentSplit {
		t.set(at, &kept)

		return true
	}
	if kept.depth == mostDepth {
		if kept.used >= segmentFull {
			return false
		}
		t.set(at, &kept)

		return true
	}
	if kept.depth == t.depth {
		t.double()
		at *= 2
	}
	low, high := &segment{depth: kept.depth + 1}, &segment{depth: kept.depth + 1}
	bit := uint64(1) << (63 - kept.depth)
	low.take(&kept, func(i item) bool { return i.hash&bit == 0 })
	high.take(&kept, func(i item) bool { return i.hash&bit != 0 })
	first, n := t.places(at, kept.depth)
	for i := range n {
		if i < n/2 {
			t.segments[first+i] = low
		} else {
			t.segments[first+i] = high
		}
	}

	return true
}

// take adds the items of another segment that are wanted.
func (s *segment) take(from *segment, wanted func(item) bool) {
	for i := range from.items {
		if one := from.items[i]; one.state != 0 && wanted(one) {
			s.items[s.find(one.hash)] = one
			s.used++
		}
	}
}

// places is which places of the directory a segment of some depth has that stands at
// one of them.
func (t *items) places(at uint64, depth uint8) (first, n uint64) {
	n = 1 << (t.depth - depth)

	return at &^ (n - 1), n
}

// set puts a segment in the place of one of the same depth.
func (t *items) set(at uint64, s *segment) {
	first, n := t.places(at, s.depth)
	for i := range n {
		t.segments[first+i] = s
	}
}

// double gives every segment twice as many places.
func (t *items) double() {
	segments := make([]*segment, 2*len(t.segments))
	for i, s := range t.segments {
		segments[2*i], segments[2*i+1] = s, s
	}
	t.segments, t.depth = segments, t.depth+1
}

// own is a segment that may be written to.
func (t *items) own(at uint64) *segment {
	s := t.segments[at]
	if s.shared {
		own := *s
		own.shared = false
		s = &own
		t.set(at, s)
	}

	return s
}

// sweep takes out all that is over.
func (t *items) sweep(over func(uint64) bool) {
	for at := uint64(0); at < uint64(len(t.segments)); {
		s := t.segments[at]
		kept := &segment{depth: s.depth}
		kept.take(s, func(i item) bool { return !over(i.state) })
		if kept.used < s.used {
			t.set(at, kept)
		}
		_, n := t.places(at, s.depth)
		at += n
	}
}

// each visits the segments in the order of the hashes of their items.
func (t *items) each(yield func(*segment) bool) {
	var last *segment
	for _, s := range t.segments {
		if s != last && !yield(s) {
			return
		}
		last = s
	}
}

// share gives the segments as they are now, for good.
func (t *items) share() []*segment {
	var all []*segment
	for s := range t.each {
		s.shared = true
		all = append(all, s)
	}

	return all
}

// sorted are the items of a segment in the order of their hashes, in the memory of
// others.
func (s *segment) sorted(in []item) []item {
	in = in[:0]
	for i := range s.items {
		if s.items[i].state != 0 {
			in = append(in, s.items[i])
		}
	}
	slices.SortFunc(in, func(a, b item) int { return cmp.Compare(a.hash, b.hash) })

	return in
}

// bytes is how much memory the table takes.
func (t *items) bytes() int64 {
	n := int64(8 * len(t.segments))
	for range t.each {
		n += segmentBytes
	}

	return n
}
