package shard

import "math/bits"

// customerSet is a set of customers, a bit each. It takes no memory before the first
// of them.
type customerSet struct {
	words []uint64
	count int
}

func (s *customerSet) has(index uint32) bool {
	return s.count > 0 && int(index/64) < len(s.words) && s.words[index/64]&(1<<(index%64)) != 0
}

// add puts in a customer who is not in it.
func (s *customerSet) add(index uint32) {
	for int(index/64) >= len(s.words) {
		s.words = append(s.words, 0)
	}
	s.words[index/64] |= 1 << (index % 64)
	s.count++
}

// remove takes out a customer who is in it.
func (s *customerSet) remove(index uint32) {
	s.words[index/64] &^= 1 << (index % 64)
	s.count--
	if s.count == 0 {
		s.words = nil
	}
}

// each visits the customers in order.
func (s *customerSet) each(visit func(index uint32)) {
	for i, word := range s.words {
		for ; word != 0; word &= word - 1 {
			visit(uint32(i*64 + bits.TrailingZeros64(word)))
		}
	}
}
