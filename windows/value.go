package windows

// Value is the row of a length and key at a window end as it stands now,
// whether it was emitted or not; false means that there is no such row, that
// end is not a multiple of the slide, or that the window is final and its
// slices may be gone. It is meant for inspection: it reads every slice of the
// window.
func (s *Set) Value(length int, key Key, end int64) (Row, bool) {
	if length < 0 || length >= len(s.lengths) || end <= s.floor || end > MaxTime {
		return Row{}, false
	}

	s.flush()

	tr, w := s.lengths[length].tier, s.lengths[length].window
	if end%tr.slide != 0 {
		return Row{}, false
	}

	var t total

	index := end / tr.slide
	exists := false

	for at := tr.search(index - w.span - 1); at < len(tr.slices) && tr.slices[at].index < index; at++ {
		sl := &tr.slices[at]

		if c, ok := sl.position(key); ok {
			exists = true

			if sl.index >= index-w.span {
				t.events += sl.cells[c].events
				t.sum.plus(sl.cells[c].sum)
			}
		}
	}

	if key < s.distinct {
		t.customers = tr.customersAt(w, key, index)
	}

	return t.row(length, end, key), exists
}

// customersAt goes from the customers at the tier's end to those at another.
func (tr *tier) customersAt(w *window, key Key, end int64) int32 {
	if end <= tr.end {
		b := newBackward(tr, w, key)
		b.moveTo(end)

		return b.total.customers
	}

	n := w.totals[key].customers
	for at := tr.search(tr.end); at < len(tr.slices) && tr.slices[at].index < end; at++ {
		n += tr.comes(&tr.slices[at], key, w)
	}

	for at := tr.search(tr.end - w.span); at < len(tr.slices) && tr.slices[at].index < end-w.span; at++ {
		n -= tr.gone(&tr.slices[at], key, w)
	}

	return n
}
