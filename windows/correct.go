package windows

import (
	"cmp"
	"slices"
)

// correct emits again the rows of one length that were emitted already and have
// changed since, and with a row of a group the others of that group.
func (s *Set) correct(length int, emit func(*Row)) {
	tr, w := s.lengths[length].tier, s.lengths[length].window
	if len(tr.marks) == 0 {
		return
	}

	// Key by key, and the newest slice first: the walk goes back in time.
	slices.SortFunc(tr.marks, func(a, b mark) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}

		return cmp.Compare(b.index, a.index)
	})

	rows := s.corrections[:0]

	for rest := tr.marks; len(rest) > 0; {
		g := s.groupOf(rest[0].key)

		n := 1
		for n < len(rest) && rest[n].key < g.end() {
			n++
		}

		if g.width > 1 {
			rows = w.groupCorrections(tr, g, rest[:n], rows)
		} else {
			rows = w.corrections(tr, rest[:n], floorDiv(s.floor, tr.slide), rows)
		}

		rest = rest[n:]
	}

	slices.SortFunc(rows, func(a, b Row) int {
		if a.End != b.End {
			return cmp.Compare(a.End, b.End)
		}

		return cmp.Compare(a.Key, b.Key)
	})

	for i := range rows {
		emit(&rows[i])
	}

	s.corrections = rows
}

// corrections appends the changed rows of one key, given its marks from the
// newest to the oldest. Who comes or leaves marks slices that lie in final windows as
// well; ends up to final bring no row.
func (w *window) corrections(tr *tier, marks []mark, final int64, rows []Row) []Row {
	key := marks[0].key
	b := newBackward(tr, w, key)
	seen := tr.end + 1 // the earliest end looked at

	for _, m := range marks {
		// A slice's first event brings into being the row one slide after the
		// last window that holds it, unless another event did before.
		if zero := m.index + w.span + 1; m.fresh && zero < seen && zero > final {
			b.moveTo(zero)

			if b.total.slices == 0 {
				rows = append(rows, b.total.row(w.index, zero*tr.slide, key))
			}
		}

		for end := min(m.index+w.span, seen-1); end > max(m.index, final); end-- {
			b.moveTo(end)
			rows = append(rows, b.total.row(w.index, end*tr.slide, key))
		}

		seen = m.index + 1
	}

	return rows
}

// backward is a window's total of one key that moves back in time from the
// tier's end.
type backward struct {
	tier         *tier
	window       *window
	key          Key
	total        total
	enter, leave int // the positions after the newest slices in and before the window
	end          int64
}

func newBackward(tr *tier, w *window, key Key) backward {
	return backward{
		tier: tr, window: w, key: key, total: w.totals[key], end: tr.end,
		enter: tr.search(tr.end), leave: tr.search(tr.end - w.span),
	}
}

// moveTo undoes the slices that entered and left the window after end.
func (b *backward) moveTo(end int64) {
	for b.enter > 0 && b.tier.slices[b.enter-1].index >= end {
		b.enter--
		sl := &b.tier.slices[b.enter]

		if at, ok := sl.position(b.key); ok {
			b.total.slices--
			b.total.events -= sl.cells[at].events
			b.total.sum.minus(sl.cells[at].sum)
		}

		b.total.customers -= b.tier.comes(sl, b.key, b.window)
	}

	for b.leave > 0 && b.tier.slices[b.leave-1].index >= end-b.window.span {
		b.leave--
		sl := &b.tier.slices[b.leave]

		if at, ok := sl.position(b.key); ok {
			b.total.slices++
			b.total.events += sl.cells[at].events
			b.total.sum.plus(sl.cells[at].sum)
		}

		b.total.customers += b.tier.gone(sl, b.key, b.window)
	}

	b.end = end
}

func (tr *tier) comes(sl *slice, key Key, w *window) int32 {
	if sl.counts == nil || int(key) >= tr.distinct {
		return 0
	}

	return sl.counts[tr.come(key, w)]
}

func (tr *tier) gone(sl *slice, key Key, w *window) int32 {
	if sl.counts == nil || int(key) >= tr.distinct {
		return 0
	}

	return sl.counts[tr.goes(key, w)]
}

// settle forgets the marks, since their rows are emitted.
func (tr *tier) settle() {
	for _, m := range tr.marks {
		if sl := tr.find(m.index); sl != nil {
			if at, ok := sl.position(m.key); ok {
				sl.cells[at].state = 0
			}
		}
	}

	tr.marks = tr.marks[:0]
}
