package windows

import (
	"math"

	"ebb/windows/codec"
)

// Restore returns the set whose state AppendBinary wrote. The configuration
// must be that of the set, but for names; groups are not in the bytes, see
// [Set.Group]. Errors wrap [ErrConfig] or [ErrCorrupt]; no bytes make it panic or
// take much more memory than they are long.
func Restore(c Config, src []byte) (*Set, error) {
	s, err := New(c)
	if err != nil {
		return nil, err
	}

	r, err := unseal(src)
	if err != nil {
		return nil, err
	}

	if v := r.Byte(); r.Err() == nil && v != setVersion {
		return nil, corrupt("version is %d, this program reads %d", v, setVersion)
	}

	s.readConfig(r)

	s.started = r.UintTo(1, "started") == 1
	s.clock = r.IntIn(MinTime, MaxTime, "clock")
	s.floor = r.IntIn(MinTime, MaxTime, "floor")

	if reach := int64(r.UintTo(uint64(3*maxDuration), "reach")); reach != s.reach {
		s.reach = reach
		placeActivity(s.tiers, reach)
	}

	s.refused = int64(r.UintTo(math.MaxInt64, "refused"))

	if !s.started && s.clock != MinTime {
		r.Fail("clock %d before the first advance", s.clock)
	}

	if s.started && s.floor < max(MinTime, Watermark(s.clock, c.Lateness)) {
		r.Fail("the floor %d lies before the watermark", s.floor)
	}

	for i := range s.tiers {
		if s.started {
			s.tiers[i].end = floorDiv(s.clock, s.tiers[i].slide)
		}

		s.readTier(r, &s.tiers[i])
	}

	if err := r.End(); err != nil {
		return nil, err
	}

	return s, nil
}

func (s *Set) readConfig(r *codec.Reader) {
	same := func(what string, have int64) {
		if got := int64(r.Uint()); r.Err() == nil && got != have {
			r.Fail("%s is %d in the state and %d in the configuration; restore with the configuration it was written with",
				what, got, have)
		}
	}

	same("the number of lengths", int64(len(s.config.Lengths)))

	for _, l := range s.config.Lengths {
		same("the size of length "+l.Name, l.Size)
		same("the slide of length "+l.Name, l.Slide)
	}

	same("lateness", s.config.Lateness)
	same("skew", s.config.Skew)
	same("distinct keys", int64(s.config.DistinctKeys))
}

func (s *Set) readTier(r *codec.Reader, tr *tier) {
	for _, w := range tr.windows {
		for key := range tr.distinct {
			w.totals[key].customers = int32(r.UintTo(math.MaxInt32, "customers"))
		}
	}

	last := MinTime - 1

	for range r.Count(3, "slices") {
		last = r.Next(last, MaxTime, "slice")
		if r.Err() == nil && last > floorDiv(MaxTime, tr.slide) {
			r.Fail("slice %d lies after the end of time", last)
		}

		// Slices that Advance would have dropped cannot be there.
		if r.Err() == nil && s.started && last < tr.firstNeeded(s.floor) {
			r.Fail("slice %d is older than any that is kept", last)
		}

		tr.slices = append(tr.slices, slice{index: last})
		s.readSlice(r, tr, &tr.slices[len(tr.slices)-1])

		if r.Err() != nil {
			return
		}
	}

	if tr.sparse != nil {
		s.readSparse(r, tr)
	}
}

func (s *Set) readSlice(r *codec.Reader, tr *tier, sl *slice) {
	n := r.Count(4, "cells")
	sl.cells = make([]cell, 0, n)
	last := int64(-1)

	for range n {
		last = r.Next(last, MaxKeys-1, "key")
		c := readCell(r)
		c.key = Key(last)

		if r.Err() != nil {
			return
		}

		sl.cells = append(sl.cells, c)
		if r.Err() == nil && c.events == 0 && c.key >= s.distinct {
			r.Fail("a cell has no events") // nobody can have come there
		}
		s.admit(r, tr, sl.index, &c)
	}

	if r.UintTo(1, "counting") == 0 {
		if n == 0 {
			r.Fail("slice %d is empty", sl.index)
		}

		return
	}

	sl.counts = tr.newCounts()
	for i := range sl.counts {
		sl.counts[i] = int32(r.UintTo(math.MaxInt32, "count"))
	}

	if r.Err() == nil && !sl.counting() {
		r.Fail("slice %d counts nobody", sl.index)
	}
}

func readCell(r *codec.Reader) cell {
	var c cell

	state := r.UintTo(markChanged|markNew|stateWide, "cell state")
	c.state = uint32(state &^ stateWide)
	c.events = int64(r.UintTo(maxCount, "events"))
	c.sum.Lo = uint64(r.Int())
	c.sum.Hi = int64(c.sum.Lo) >> 63

	if state&stateWide != 0 {
		c.sum.Hi = r.Int()
		if c.sum.narrow() {
			r.Fail("a sum is not in its shortest form")
		}
	}

	if c.state == markNew {
		r.Fail("a cell is new but not changed")
	}

	return c
}

// admit puts a cell into the marks and the running totals it belongs to.
func (s *Set) admit(r *codec.Reader, tr *tier, index int64, c *cell) {
	if c.state != 0 {
		if index >= tr.end || index < tr.firstNeeded(s.floor) {
			r.Fail("slice %d is marked as corrected outside of the windows that can be", index)
			return
		}

		tr.marks = append(tr.marks, mark{index: index, key: c.key, fresh: c.state&markNew != 0})
	}

	s.grow(c.key)

	if index < tr.end {
		for _, w := range tr.windows {
			if index >= tr.end-w.span {
				w.add(c.key, c.events, c.sum, true)
			}
		}
	}
}

func (s *Set) readSparse(r *codec.Reader, tr *tier) {
	last := MinTime - 1

	for range r.Count(2, "blocks") {
		last = r.Next(last, MaxTime, "block")
		if r.Err() == nil && s.started && last < tr.firstNeeded(s.floor)>>6 {
			r.Fail("block %d is older than any that is kept", last)
		}

		b := block{index: last}
		id := uint64(0)
		n := r.Count(9, "block entries")

		for i := range n {
			next, word := r.Uint(), r.Fixed64()

			switch {
			case r.Err() != nil:
				return
			case i > 0 && next <= id || word == 0:
				r.Fail("block %d is out of order or has an empty word", last)
				return
			case uint32(next) >= uint32(s.distinct):
				r.Fail("block %d: key %d counts no customers", last, uint32(next))
				return
			}

			id = next
			b.words.put(id, word)
		}

		if n > 0 { // states of before hold blocks out of which everybody had gone
			tr.sparse.blocks = append(tr.sparse.blocks, b)
		}
	}
}
