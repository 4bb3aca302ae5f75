package windows

import (
	"cmp"
	"slices"
)

// Advance moves the clock and emits a row for every length, key and window end
// up to the clock that is new, which means after the last clock, or that an
// event accepted since then has changed or brought into being. Rows carry
// absolute values: of several for the same length, end and key the last one
// holds.
//
// A row exists at end e if and only if the window that ends at e, or the one
// that ends one slide earlier, holds an event of that key; the latter alone
// gives the zero row, so that a figure falls back to zero instead of standing
// still.
//
// Rows are ordered by length, then end, then key. A clock before the last one
// counts as the last one. The cost is that of the rows emitted and of the
// events added, however far the clock jumps. Emit must not call the set.
func (s *Set) Advance(clock int64, emit func(Row)) {
	s.flush()

	clock = max(s.clock, min(clock, MaxTime))
	s.started = true

	for i, at := range s.lengths {
		s.correct(i, emit)
		at.window.forward(at.tier, floorDiv(clock, at.tier.slide), emit)
	}

	s.clock = clock
	s.floor = max(s.floor, Watermark(clock, s.config.Lateness))

	for i := range s.tiers {
		tr := &s.tiers[i]
		tr.end = floorDiv(clock, tr.slide)
		tr.settle()
		tr.drop(s.floor)
	}
}

// forward moves the running totals from the tier's end to another one and emits
// the rows on the way.
func (w *window) forward(tr *tier, to int64, emit func(Row)) {
	enter, leave := tr.search(tr.end), tr.search(tr.end-w.span)

	for end := tr.end + 1; end <= to; end++ {
		if len(w.active) == 0 {
			// Nothing until the next slice.
			if enter == len(tr.slices) {
				break
			}

			if end = max(end, tr.slices[enter].index+1); end > to {
				break
			}
		}

		for ; enter < len(tr.slices) && tr.slices[enter].index < end; enter++ {
			w.enter(tr, &tr.slices[enter])
		}

		leave = w.leaveBefore(tr, leave, end-w.span)
		w.emit(end*tr.slide, emit)
	}

	// Slices that hold customers alone leave behind the last active key.
	w.leaveBefore(tr, leave, to-w.span)
}

func (w *window) enter(tr *tier, sl *slice) {
	fresh := 0

	for i := range sl.cells {
		c := &sl.cells[i]
		t := &w.totals[c.key]

		if t.events == 0 {
			w.active = append(w.active, c.key)
			fresh++
		}

		t.events += c.events
		t.sum.plus(c.sum)
	}

	if fresh > 0 {
		w.merge(len(w.active) - fresh)
	}

	if sl.counts != nil {
		for key := range Key(tr.distinct) {
			w.totals[key].customers += int64(sl.counts[tr.come(key, w)])
		}
	}
}

// merge makes the active keys ascending, given that those before and those from
// position n on are.
func (w *window) merge(n int) {
	if n == 0 || w.active[n-1] < w.active[n] {
		return
	}

	w.scratch = append(w.scratch[:0], w.active[n:]...)
	at := len(w.active) - 1

	for m := len(w.scratch) - 1; m >= 0; at-- {
		if n > 0 && w.active[n-1] > w.scratch[m] {
			n--
			w.active[at] = w.active[n]
		} else {
			w.active[at] = w.scratch[m]
			m--
		}
	}
}

// leaveBefore takes the slices from position at on that lie before first out of
// the totals, and returns the position after them.
func (w *window) leaveBefore(tr *tier, at int, first int64) int {
	for ; at < len(tr.slices) && tr.slices[at].index < first; at++ {
		sl := &tr.slices[at]

		for i := range sl.cells {
			t := &w.totals[sl.cells[i].key]
			t.events -= sl.cells[i].events
			t.sum.minus(sl.cells[i].sum)
		}

		if sl.counts != nil {
			for key := range Key(tr.distinct) {
				w.totals[key].customers -= int64(sl.counts[tr.goes(key, w)])
			}
		}
	}

	return at
}

// emit emits the rows of one end. A key whose last event has left the window
// gets its zero row and is not active any more.
func (w *window) emit(end int64, emit func(Row)) {
	kept := 0

	for _, key := range w.active {
		t := &w.totals[key]
		emit(t.row(w.index, end, key))

		if t.events != 0 {
			w.active[kept] = key
			kept++
		}
	}

	w.active = w.active[:kept]
}

func (t *total) row(length int, end int64, key Key) Row {
	return Row{
		Length: length, End: end, Key: key,
		Events: t.events, Sum: t.sum.clamp(), Customers: t.customers,
	}
}

// correct emits again the rows of one length that were emitted already and have
// changed since.
func (s *Set) correct(length int, emit func(Row)) {
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
		n := 1
		for n < len(rest) && rest[n].key == rest[0].key {
			n++
		}

		rows = w.corrections(tr, rest[:n], rows)
		rest = rest[n:]
	}

	slices.SortFunc(rows, func(a, b Row) int {
		if a.End != b.End {
			return cmp.Compare(a.End, b.End)
		}

		return cmp.Compare(a.Key, b.Key)
	})

	for i := range rows {
		emit(rows[i])
	}

	s.corrections = rows
}

// corrections appends the changed rows of one key, given its marks from the
// newest to the oldest.
func (w *window) corrections(tr *tier, marks []mark, rows []Row) []Row {
	key := marks[0].key
	b := newBackward(tr, w, key)
	seen := tr.end + 1 // the earliest end looked at

	for _, m := range marks {
		// A slice's first event brings into being the row one slide after the
		// last window that holds it, unless another event did before.
		if zero := m.index + w.span + 1; m.fresh && zero < seen {
			b.moveTo(zero)

			if b.total.events == 0 {
				rows = append(rows, b.total.row(w.index, zero*tr.slide, key))
			}
		}

		for end := min(m.index+w.span, seen-1); end > m.index; end-- {
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
			b.total.events -= sl.cells[at].events
			b.total.sum.minus(sl.cells[at].sum)
		}

		b.total.customers -= b.tier.comes(sl, b.key, b.window)
	}

	for b.leave > 0 && b.tier.slices[b.leave-1].index >= end-b.window.span {
		b.leave--
		sl := &b.tier.slices[b.leave]

		if at, ok := sl.position(b.key); ok {
			b.total.events += sl.cells[at].events
			b.total.sum.plus(sl.cells[at].sum)
		}

		b.total.customers += b.tier.gone(sl, b.key, b.window)
	}

	b.end = end
}

func (tr *tier) comes(sl *slice, key Key, w *window) int64 {
	if sl.counts == nil || int(key) >= tr.distinct {
		return 0
	}

	return int64(sl.counts[tr.come(key, w)])
}

func (tr *tier) gone(sl *slice, key Key, w *window) int64 {
	if sl.counts == nil || int(key) >= tr.distinct {
		return 0
	}

	return int64(sl.counts[tr.goes(key, w)])
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
