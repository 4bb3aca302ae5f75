package windows

import "slices"

// Advance moves the clock and emits a row for every length, key and window end
// up to the clock that is new, which means after the last clock, or that an
// event accepted since then has changed or brought into being. Rows carry
// absolute values: of several for the same length, end and key the last one
// holds.
//
// A row exists at end e if and only if the window that ends at e, or the one
// that ends one slide earlier, holds an event of that key; the latter alone
// gives the zero row, so that a figure falls back to zero instead of standing
// still. Where somebody came with [Set.Come] a slice counts as one that holds an event.
//
// Where a row of one key of a group ([Set.Group]) is emitted for a length and
// end, the same call emits, next to each other and by ascending key, a row for
// every key of the group whose figures there are not zero: for ends that are
// new because every key with events has its row there, for the others because
// corrections go by group.
//
// Rows are ordered by length, then end, then key. A clock before the last one
// counts as the last one. The cost is that of the rows emitted and of the
// events added, however far the clock jumps. Emit must not call the set.
func (s *Set) Advance(clock int64, emit func(Row)) {
	s.AdvancePast(nil, clock, func(row *Row) { emit(*row) })
}

// AdvancePast is Advance without the rows that nobody wants of windows which end for the
// first time: those of each length that end by its time in until; nil leaves none out.
// What is left out costs as much as the events in it, and not as its rows. Corrections
// are emitted all the same. A row is good until emit returns.
func (s *Set) AdvancePast(until []int64, clock int64, emit func(*Row)) {
	s.flush()

	clock = max(s.clock, min(clock, MaxTime))
	s.started = true

	for i, at := range s.lengths {
		s.correct(i, emit)

		from, to := at.tier.end, floorDiv(clock, at.tier.slide)
		if until != nil {
			from = at.window.pass(at.tier, min(floorDiv(until[i], at.tier.slide), to))
		}

		at.window.forward(at.tier, from, to, emit)
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

// pass moves the running totals from the tier's end to another one, if that is later,
// without a row, and returns where they are.
func (w *window) pass(tr *tier, to int64) int64 {
	if to <= tr.end {
		return tr.end
	}

	enter := tr.search(tr.end)
	for ; enter < len(tr.slices) && tr.slices[enter].index < to; enter++ {
		w.enter(tr, &tr.slices[enter])
	}

	w.leaveBefore(tr, tr.search(tr.end-w.span), to-w.span)
	w.active = slices.DeleteFunc(w.active, func(key Key) bool { return w.totals[key].slices == 0 })

	return to
}

// forward moves the running totals from one end to another one and emits the rows on
// the way.
func (w *window) forward(tr *tier, from, to int64, emit func(*Row)) {
	enter, leave := tr.search(from), tr.search(from-w.span)

	for end := from + 1; end <= to; end++ {
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

		if t.slices == 0 {
			w.active = append(w.active, c.key)
			fresh++
		}

		t.slices++
		t.events += c.events
		t.sum.plus(c.sum)
	}

	if fresh > 0 {
		w.merge(len(w.active) - fresh)
	}

	if sl.counts != nil {
		for key := range Key(tr.distinct) {
			w.totals[key].customers += sl.counts[tr.come(key, w)]
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
			t.slices--
			t.events -= sl.cells[i].events
			t.sum.minus(sl.cells[i].sum)
		}

		if sl.counts != nil {
			for key := range Key(tr.distinct) {
				w.totals[key].customers -= sl.counts[tr.goes(key, w)]
			}
		}
	}

	return at
}

// emit emits the rows of one end. A key whose last event has left the window
// gets its zero row and is not active any more.
func (w *window) emit(end int64, emit func(*Row)) {
	kept, row := 0, &w.row
	row.Length, row.End = w.index, end

	for _, key := range w.active {
		t := &w.totals[key]
		row.Key, row.Events, row.Sum, row.Customers = key, t.events, t.sum, int64(t.customers)
		emit(row)

		if t.slices != 0 {
			w.active[kept] = key
			kept++
		}
	}

	w.active = w.active[:kept]
}

func (t *total) row(length int, end int64, key Key) Row {
	return Row{
		Length: length, End: end, Key: key,
		Events: t.events, Sum: t.sum, Customers: int64(t.customers),
	}
}
