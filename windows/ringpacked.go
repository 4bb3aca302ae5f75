package windows

import (
	"math/bits"
	"slices"
	"sort"
)

// packed is a set of identities that are rarely asked for: their keys of 64
// bits, ascending, 8 bytes each and nothing beside. It never changes, so copies
// of a ring may share it.
type packed struct {
	keys []uint64
}

// packedKey makes 64 bits of 128, each of which depends on all, with the
// finalizer of SplitMix64 (Steele, Lea and Flood 2014).
func packedKey(id identity) uint64 { return finalize(finalize(id[1]) ^ id[0]) }

func finalize(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb

	return z ^ z>>31
}

func (p *packed) len() int {
	if p == nil {
		return 0
	}

	return len(p.keys)
}

// has looks where a key should be if the keys lie evenly, as those of hashes
// do, and from there in steps that double.
func (p *packed) has(key uint64) bool {
	n := len(p.keys)
	if n == 0 {
		return false
	}
	high, _ := bits.Mul64(key, uint64(n))
	at := int(high)
	lo, hi := at, at+1
	for step := 32; lo > 0 && p.keys[lo] > key; step *= 2 {
		lo = max(0, lo-step)
	}
	for step := 32; hi < n && p.keys[hi-1] < key; step *= 2 {
		hi = min(n, hi+step)
	}
	i := lo + sort.Search(hi-lo, func(i int) bool { return p.keys[lo+i] >= key })

	return i < hi && p.keys[i] == key
}

// pack moves what is in the table to the packed set.
func (s *ringSet) pack() {
	keys := make([]uint64, 0, s.tabled())
	if s.zero {
		keys = append(keys, packedKey(identity{}))
	}
	s.table.all(func(id identity) { keys = append(keys, packedKey(id)) })
	keys = sortEven(keys)
	if s.packed != nil {
		keys = merge(s.packed.keys, keys)
	}
	s.packed = &packed{keys}
	s.used, s.zero = 0, false
}

// crowded is how many keys for one place are more than chance brings.
const crowded = 64

// sortEven sorts keys that lie evenly, in linear time: each goes near where it
// belongs, and then its few neighbors are put in order. Keys that someone chose
// to lie together are sorted as others are.
func sortEven(keys []uint64) []uint64 {
	n := uint64(len(keys))
	starts := make([]uint32, n+1)
	most := uint32(0)
	for _, key := range keys {
		bucket, _ := bits.Mul64(key, n)
		starts[bucket+1]++
		most = max(most, starts[bucket+1])
	}
	if most > crowded {
		slices.Sort(keys)

		return keys
	}
	for i := range n {
		starts[i+1] += starts[i]
	}
	out := make([]uint64, n)
	for _, key := range keys {
		bucket, _ := bits.Mul64(key, n)
		out[starts[bucket]] = key
		starts[bucket]++
	}
	for i, key := range out {
		for ; i > 0 && out[i-1] > key; i-- {
			out[i] = out[i-1]
		}
		out[i] = key
	}

	return out
}

// merge merges two ascending lists.
func merge(a, b []uint64) []uint64 {
	out := make([]uint64, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0] < b[0] {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}

	return append(append(out, a...), b...)
}
