package windows

import (
	"cmp"
	"math/bits"
	"math/rand/v2"
	"slices"

	"ebb/windows/huge"
	"ebb/windows/prefetch"
)

// ringSet is a set of identities without pointers: open addressing in groups of
// eight, as in Abseil's Swiss tables. Each place has a tag of eight bits, and an
// identity that is new, as nearly all are, is told by the tags of one group
// alone. They are a sixteenth of the table, so they stay in the processor's
// caches where the identities do not; those are then only written, and nothing
// waits for a write.
type ringSet struct {
	index  int64
	table  table
	used   int // in the table, without the zero identity
	zero   bool
	packed *packed // of identities that were in the table once; nil before
	shared bool    // the table is a clone's, too
}

// mixer decides where in a table an identity stands: two random odd factors,
// others in every ring, since identities are hashes of what producers choose.
// Multiplying so is universal hashing (Dietzfelbinger et al. 1997): whoever
// doesn't know the factors can't choose identities that want the same group.
// Nothing but the place depends on it.
type mixer [2]uint64

func newMixer() mixer { return mixer{rand.Uint64() | 1, rand.Uint64() | 1} }

func (m mixer) mix(id identity) uint64 { return id[0]*m[0] + id[1]*m[1] }

// table has room for 1<<n groups.
type table struct {
	tags []uint64   // a group each, a byte for each place: 0 where it is empty
	ids  []identity // eight for each group; those of empty places mean nothing
}

const (
	groupSize = 8

	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
)

// newTable makes a table of so many groups, a power of two.
func newTable(groups int) table {
	return table{tags: huge.Pages(make([]uint64, groups)), ids: huge.Pages(make([]identity, groups*groupSize))}
}

// groupsFor is how many groups a table needs that has n identities and is to
// take more, with at most seven of eight places taken.
func groupsFor(n int) int { return 1 << bits.Len(uint(n/(groupSize-1))) }

func (t *table) full(used int) bool { return used >= len(t.tags)*(groupSize-1) }

func (t *table) bytes() int64 { return int64(cap(t.tags))*8 + int64(cap(t.ids))*16 }

func (s *ringSet) len() int { return s.tabled() + s.packed.len() }

// tabled is how many identities are not packed.
func (s *ringSet) tabled() int {
	if s.zero {
		return s.used + 1
	}

	return s.used
}

// insert reports whether id was a member, and makes it one. The table must not
// be full.
func (s *ringSet) insert(m mixer, id identity) bool {
	if id == (identity{}) {
		was := s.zero
		s.zero = true

		return was
	}

	if !s.table.insert(m, id) {
		return true
	}

	s.used++

	return false
}

// has reports whether id is a member that is not packed.
func (s *ringSet) has(m mixer, id identity) bool {
	if id == (identity{}) {
		return s.zero
	}

	return s.table.has(m, id)
}

// approach begins to fetch the group in which an identity stands, unless that is full.
func (t *table) approach(m mixer, id identity) {
	group := m.mix(id) >> 20 & uint64(len(t.tags)-1)
	prefetch.Value(&t.tags[group])
	prefetch.Value((*[groupSize]identity)(t.ids[group*groupSize:]))
}

// has is insert without the inserting.
func (t *table) has(m mixer, id identity) bool {
	mask := uint64(len(t.tags) - 1)
	mixed := m.mix(id)
	tag := mixed>>57 | 1<<7

	for group := mixed >> 20 & mask; ; group = (group + 1) & mask {
		word := t.tags[group]
		like := word ^ tag*eachByte
		for like = (like - eachByte) &^ like & highBits; like != 0; like &= like - 1 {
			if t.ids[group*groupSize+uint64(bits.TrailingZeros64(like))>>3] == id {
				return true
			}
		}
		if ^word&highBits != 0 {
			return false
		}
	}
}

// insert reports whether id is new.
func (t *table) insert(m mixer, id identity) bool {
	tags := t.tags
	mask := uint64(len(tags) - 1)
	mixed := m.mix(id)
	tag := mixed>>57 | 1<<7

	for group := mixed >> 20 & mask; ; group = (group + 1) & mask {
		word := tags[group]

		// The bytes that are like the tag, and now and then one above them.
		like := word ^ tag*eachByte
		for like = (like - eachByte) &^ like & highBits; like != 0; like &= like - 1 {
			if t.ids[group*groupSize+uint64(bits.TrailingZeros64(like))>>3] == id {
				return false
			}
		}

		if empty := ^word & highBits; empty != 0 {
			at := uint64(bits.TrailingZeros64(empty)) >> 3
			tags[group] = word | tag<<(at*8)
			t.ids[group*groupSize+at] = id

			return true
		}
	}
}

// all calls use with every identity but the zero one.
func (t *table) all(use func(identity)) {
	for group, word := range t.tags {
		for taken := word & highBits; taken != 0; taken &= taken - 1 {
			use(t.ids[group*groupSize+bits.TrailingZeros64(taken)>>3])
		}
	}
}

// sorted gives the members that are not packed in ascending order.
func (s *ringSet) sorted() []identity {
	out := make([]identity, 0, s.tabled())
	if s.zero {
		out = append(out, identity{})
	}

	s.table.all(func(id identity) { out = append(out, id) })

	slices.SortFunc(out, func(a, b identity) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})

	return out
}

// freeTables keeps the tables of forgotten slices for new ones, by the binary
// logarithm of their groups: of each size as many as make freeGroups, or two.
type freeTables [48][]table

const freeGroups = 1 << 13

// take gives an empty table with room for more than n identities.
func (f *freeTables) take(n int) table {
	groups := groupsFor(n)
	tables := &f[bits.TrailingZeros(uint(groups))]

	if last := len(*tables) - 1; last >= 0 {
		t := (*tables)[last]
		*tables = (*tables)[:last]
		clear(t.tags)

		return t
	}

	return newTable(groups)
}

func (f *freeTables) put(t table) {
	groups := len(t.tags)
	if tables := &f[bits.TrailingZeros(uint(groups))]; len(*tables) < max(2, freeGroups/groups) {
		*tables = append(*tables, t)
	}
}

func (f *freeTables) bytes() int64 {
	n := int64(0)

	for _, tables := range f {
		n += int64(cap(tables)) * 48

		for i := range tables {
			n += tables[i].bytes()
		}
	}

	return n
}
