package windows

import (
	"cmp"
	"math/bits"
	"slices"
)

// activeSets remembers, for a tier whose reach is too long for an [Activity],
// in which recent slices each customer was active: time is cut into blocks of
// 64 slices, and each block maps customer and key to a word of 64 bits. A block
// goes as a whole when no event in time can lie near it any more.
type activeSets struct {
	blocks []block // ascending
}

type block struct {
	index int64 // slice index / 64
	words wordTable
}

func activeID(key Key, customer uint32) uint64 { return uint64(customer)<<32 | uint64(key) }

func (s *activeSets) find(index int64) (int, bool) {
	return slices.BinarySearchFunc(s.blocks, index, func(b block, i int64) int { return cmp.Compare(b.index, i) })
}

func (s *activeSets) word(index int64, id uint64) uint64 {
	if at, ok := s.find(index); ok {
		return s.blocks[at].words.get(id)
	}

	return 0
}

// mark sets the bit of a slice and looks for active slices at most reach away.
// False means that it was set already.
func (s *activeSets) mark(id uint64, slice, reach int64) (neighbors, bool) {
	index, bit := slice>>6, uint(slice&63)

	at, ok := s.find(index)
	if !ok {
		s.blocks = slices.Insert(s.blocks, at, block{index: index})
	}

	word := s.blocks[at].words.get(id)
	if word>>bit&1 != 0 {
		return neighbors{}, false
	}

	s.blocks[at].words.put(id, word|1<<bit)

	return neighbors{
		before: s.before(id, slice, reach, word&(1<<bit-1)),
		after:  s.after(id, slice, reach, word>>bit<<bit),
	}, true
}

func (s *activeSets) before(id uint64, slice, reach int64, word uint64) int64 {
	for index := slice >> 6; ; {
		if word != 0 {
			return slice - (index<<6 + int64(63-bits.LeadingZeros64(word)))
		}

		index--
		if index < (slice-reach)>>6 {
			return 0
		}

		word = s.word(index, id)
	}
}

func (s *activeSets) after(id uint64, slice, reach int64, word uint64) int64 {
	for index := slice >> 6; ; {
		if word != 0 {
			return index<<6 + int64(bits.TrailingZeros64(word)) - slice
		}

		index++
		if index > (slice+reach)>>6 {
			return 0
		}

		word = s.word(index, id)
	}
}

// forget clears all bits of an identity, for a customer number that is given to
// another customer. Blocks that held nothing else go: a state holds none without a bit.
func (s *activeSets) forget(id uint64) {
	for i := range s.blocks {
		s.blocks[i].words.remove(id)
	}

	s.blocks = slices.DeleteFunc(s.blocks, func(b block) bool { return b.words.used == 0 })
}

// drop forgets the blocks that hold only slices before first.
func (s *activeSets) drop(first int64) {
	n := 0
	for n < len(s.blocks) && s.blocks[n].index < first>>6 {
		n++
	}

	if n > 0 {
		s.blocks = slices.Delete(s.blocks, 0, n)
	}
}

func (s *activeSets) bytes() int64 {
	n := int64(cap(s.blocks)) * 48
	for i := range s.blocks {
		n += int64(cap(s.blocks[i].words.entries)) * 16
	}

	return n
}

// wordTable maps identities to non-zero words: open addressing, linear probing,
// no pointers.
type wordTable struct {
	entries []wordEntry // a power of two, or none
	used    int
}

type wordEntry struct {
	id, word uint64 // word 0: empty
}

// ideal is the slot of an identity in an empty table.
func (t *wordTable) ideal(id uint64) int {
	// Fibonacci hashing: the high bits of the product depend on all of id.
	return int((id * 0x9E3779B97F4A7C15) >> (64 - bits.Len(uint(len(t.entries)-1))))
}

func (t *wordTable) slot(id uint64) int {
	mask := len(t.entries) - 1
	i := t.ideal(id)

	for t.entries[i].word != 0 && t.entries[i].id != id {
		i = (i + 1) & mask
	}

	return i
}

func (t *wordTable) get(id uint64) uint64 {
	if t.used == 0 {
		return 0
	}

	return t.entries[t.slot(id)].word
}

func (t *wordTable) put(id, word uint64) {
	if 4*(t.used+1) > 3*len(t.entries) {
		t.grow()
	}

	e := &t.entries[t.slot(id)]
	if e.word == 0 {
		t.used++
	}

	*e = wordEntry{id: id, word: word}
}

// remove takes an identity out and moves back those that had to step over it.
func (t *wordTable) remove(id uint64) {
	if t.used == 0 {
		return
	}

	hole := t.slot(id)
	if t.entries[hole].word == 0 {
		return
	}

	mask := len(t.entries) - 1

	for i := (hole + 1) & mask; t.entries[i].word != 0; i = (i + 1) & mask {
		// It may move if its way from its ideal slot leads over the hole.
		if (i-t.ideal(t.entries[i].id))&mask >= (i-hole)&mask {
			t.entries[hole] = t.entries[i]
			hole = i
		}
	}

	t.entries[hole] = wordEntry{}
	t.used--
}

func (t *wordTable) grow() {
	old := t.entries
	t.entries = make([]wordEntry, max(8, 2*len(old)))

	for _, e := range old {
		if e.word != 0 {
			t.entries[t.slot(e.id)] = e
		}
	}
}

// sorted gives the entries by identity.
func (t *wordTable) sorted() []wordEntry {
	out := make([]wordEntry, 0, t.used)

	for _, e := range t.entries {
		if e.word != 0 {
			out = append(out, e)
		}
	}

	slices.SortFunc(out, func(a, b wordEntry) int { return cmp.Compare(a.id, b.id) })

	return out
}
