package windows

import (
	"slices"

	"ebb/windows/codec"
)

// setVersion is the version of a set's binary form. It changes whenever the
// form does.
const setVersion = 2

// maxCount bounds event and customer counts in restored bytes, so that sums of
// them cannot overflow.
const maxCount = 1 << 48

// AppendBinary appends the state to dst. The bytes depend only on the accepted
// events, on who came and left among them, and on the clocks given to Advance, not on
// the order in which the events came. What is pending goes into its slices first, which changes
// nothing that can be seen. The error is always nil.
func (s *Set) AppendBinary(dst []byte) ([]byte, error) {
	s.flush()

	w := codec.To(dst)
	w.Byte(setVersion)
	s.writeConfig(&w)

	if s.started {
		w.Byte(1)
	} else {
		w.Byte(0)
	}

	w.Int(s.clock)
	w.Int(s.floor)
	w.Uint(uint64(s.reach))
	w.Uint(uint64(s.refused))

	for i := range s.tiers {
		s.tiers[i].write(&w)
	}

	return seal(&w, len(dst)), nil
}

func (s *Set) writeConfig(w *codec.Writer) {
	w.Uint(uint64(len(s.config.Lengths)))

	for _, l := range s.config.Lengths {
		w.Uint(uint64(l.Size))
		w.Uint(uint64(l.Slide))
	}

	w.Uint(uint64(s.config.Lateness))
	w.Uint(uint64(s.config.Skew))
	w.Uint(uint64(s.config.DistinctKeys))
}

func (tr *tier) write(w *codec.Writer) {
	for _, win := range tr.windows {
		for key := range tr.distinct {
			w.Uint(uint64(win.totals[key].customers))
		}
	}

	held := 0

	for i := range tr.slices {
		if !tr.slices[i].empty() {
			held++
		}
	}

	w.Uint(uint64(held))

	last := MinTime - 1

	for i := range tr.slices {
		if sl := &tr.slices[i]; !sl.empty() {
			w.Uint(uint64(sl.index - last))
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

func (sl *slice) write(w *codec.Writer) {
	w.Uint(uint64(len(sl.cells)))

	last := int64(-1)

	for i := range sl.cells {
		c := &sl.cells[i]
		w.Uint(uint64(int64(c.key) - last))
		last = int64(c.key)

		state := byte(c.state)
		if !c.sum.narrow() {
			state |= stateWide
		}

		w.Byte(state)
		w.Uint(uint64(c.events))
		w.Int(int64(c.sum.Lo))

		if !c.sum.narrow() {
			w.Int(c.sum.Hi)
		}
	}

	if !sl.counting() {
		w.Byte(0)
		return
	}

	w.Byte(1)

	for _, n := range sl.counts {
		w.Uint(uint64(n))
	}
}

func (s *activeSets) write(w *codec.Writer) {
	w.Uint(uint64(len(s.blocks)))

	last := MinTime - 1

	for i := range s.blocks {
		b := &s.blocks[i]
		w.Uint(uint64(b.index - last))
		last = b.index

		entries := b.words.sorted()
		w.Uint(uint64(len(entries)))

		for _, e := range entries {
			w.Uint(e.id)
			w.Fixed64(e.word)
		}
	}
}
