package windows

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
)

// Bundle is a set of keys to which an event of some kind adds the same. To add the event
// to the bundle costs as much as to add it to one key.
type Bundle int

// Share is what each event of a bundle adds to a key: one event, and a value.
type Share struct {
	Key   Key
	Value int64
}

// bundle holds what came in for a bundle and was not shared out yet.
type bundle struct {
	shares []Share
	recent [bundleSlices]bundled // by the base slice's index
}

// bundled is what came in a base slice.
type bundled struct {
	start  int64
	events int64 // 0: empty
}

// bundleSlices is a power of two: so many base slices that lie side by side are held
// apart.
const bundleSlices = 16

// Bundle makes a bundle. It is no part of the state: the caller makes it again after
// [Restore]. It panics if a key is not less than [MaxKeys].
func (s *Set) Bundle(shares []Share) Bundle {
	for _, share := range shares {
		if share.Key >= MaxKeys {
			panic(fmt.Sprintf("windows: key %d is out of range, use keys less than %d", share.Key, MaxKeys))
		}

		s.grow(share.Key)
	}

	shares = slices.Clone(shares)
	slices.SortFunc(shares, func(a, b Share) int { return cmp.Compare(a.Key, b.Key) }) // as the cells of a slice are
	s.bundles = append(s.bundles, bundle{shares: shares})

	return Bundle(len(s.bundles) - 1)
}

// ForgetBundles shares out what came in, and forgets all bundles.
func (s *Set) ForgetBundles() {
	s.flush()
	s.bundles = nil
}

// AddBundle counts one accepted event as [Set.AddSum] would for each share of a bundle.
func (s *Set) AddBundle(b Bundle, t int64) {
	if t < s.floor {
		s.refused++
		return
	}

	if uint64(t-s.hotStart) >= uint64(s.base) && !s.seek(t) {
		return
	}

	p := &s.bundles[b].recent[s.hotSlice]
	if p.start != s.hotStart || p.events == 0 {
		s.claimBundle(b, p)
	}

	p.events++
}

// claimBundle makes a place ready for the hot base slice.
func (s *Set) claimBundle(b Bundle, p *bundled) {
	if p.events > 0 && s.hotStart-p.start >= longPast*s.base {
		s.flush()
	}

	if p.events > 0 {
		s.share(s.bundles[b].shares, p)
	} else {
		s.filled = append(s.filled, uint32(b)*bundleSlices+s.hotSlice)
	}

	*p = bundled{start: s.hotStart}
}

// share counts what is in a place in the slices of all tiers.
func (s *Set) share(shares []Share, p *bundled) {
	for i := range s.tiers {
		tr := &s.tiers[i]
		index := tr.indexOf(p.start)
		sl := tr.at(index)

		if len(sl.cells) == 0 {
			sl.cells = slices.Grow(sl.cells, len(shares))
		}

		for _, share := range shares {
			tr.addTo(sl, share.Key, p.events, product(share.Value, p.events))
		}
	}
}

// flushBundles empties all bundles.
func (s *Set) flushBundles() {
	for _, at := range s.filled {
		of := &s.bundles[at/bundleSlices]
		p := &of.recent[at%bundleSlices]
		s.share(of.shares, p)
		p.events = 0
	}

	s.filled = s.filled[:0]
}

// product is a value n times.
func product(value, n int64) Sum {
	if value == 0 {
		return Sum{}
	}

	hi, lo := bits.Mul64(uint64(max(value, -value)), uint64(n))
	p := Sum{Lo: lo, Hi: int64(hi)}

	if value < 0 {
		var negative Sum
		negative.minus(p)
		p = negative
	}

	return p
}
