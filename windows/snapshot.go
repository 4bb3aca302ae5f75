package windows

import "slices"

// setVersion is the version of a set's binary form. It changes whenever the
// form does.
const setVersion = 2

// maxCount bounds event and customer counts in restored bytes, so that sums of
// them cannot overflow.
const maxCount = 1 << 48

// AppendBinary appends the state to dst. The bytes depend only on the accepted
// events and on the clocks given to Advance, not on the order in which the
// events came. What is pending goes into its slices first, which changes
// nothing that can be seen. The error is always nil.
func (s *Set) AppendBinary(dst []byte) ([]byte, error) {
	s.flush()

	w := &writer{buf: dst}
	w.byte(setVersion)
	s.writeConfig(w)

	if s.started {
		w.byte(1)
	} else {
		w.byte(0)
	}

	w.int(s.clock)
	w.int(s.floor)
	w.uint(uint64(s.reach))
	w.uint(uint64(s.refused))

	for i := range s.tiers {
		s.tiers[i].write(w)
	}

	return w.seal(len(dst)), nil
}

func (s *Set) writeConfig(w *writer) {
	w.uint(uint64(len(s.config.Lengths)))

	for _, l := range s.config.Lengths {
		w.uint(uint64(l.Size))
		w.uint(uint64(l.Slide))
	}

	w.uint(uint64(s.config.Lateness))
	w.uint(uint64(s.config.Skew))
	w.uint(uint64(s.config.DistinctKeys))
}

func (tr *tier) write(w *writer) {
	for _, win := range tr.windows {
		for key := range tr.distinct {
			w.uint(uint64(win.totals[key].customers))
		}
	}

	held := 0

	for i := range tr.slices {
		if !tr.slices[i].empty() {
			held++
		}
	}

	w.uint(uint64(held))

	last := MinTime - 1

	for i := range tr.slices {
		if sl := &tr.slices[i]; !sl.empty() {
			w.uint(uint64(sl.index - last))
			last = sl.index
			sl.write(w)
		}
	}

	if tr.sparse != nil {
		tr.sparse.write(w)
	}
}

func (sl *slice) empty() bool { return len(sl.cells) == 0 && !sl.counting() }

// counting reports whether any customer comes or goes with the slice.
func (sl *slice) counting() bool {
	return slices.ContainsFunc(sl.counts, func(n int32) bool { return n != 0 })
}

// stateWide marks, in the bytes of a cell's state, a sum that needs 128 bits.
const stateWide = 4

func (sl *slice) write(w *writer) {
	w.uint(uint64(len(sl.cells)))

	last := int64(-1)

	for i := range sl.cells {
		c := &sl.cells[i]
		w.uint(uint64(int64(c.key) - last))
		last = int64(c.key)

		state := byte(c.state)
		if !c.sum.narrow() {
			state |= stateWide
		}

		w.byte(state)
		w.uint(uint64(c.events))
		w.int(int64(c.sum.Lo))

		if !c.sum.narrow() {
			w.int(c.sum.Hi)
		}
	}

	if !sl.counting() {
		w.byte(0)
		return
	}

	w.byte(1)

	for _, n := range sl.counts {
		w.uint(uint64(n))
	}
}

func (s *activeSets) write(w *writer) {
	w.uint(uint64(len(s.blocks)))

	last := MinTime - 1

	for i := range s.blocks {
		b := &s.blocks[i]
		w.uint(uint64(b.index - last))
		last = b.index

		entries := b.words.sorted()
		w.uint(uint64(len(entries)))

		for _, e := range entries {
			w.uint(e.id)
			w.fixed(e.word)
		}
	}
}
