package windows

import (
	"cmp"
	"math/bits"
	"slices"
)

// groupCorrections appends the changed rows of the keys of one group, given
// their marks, and beside each of them the other rows of the group at that end.
// The rows that corrections would give key by key are among them, so a group
// never takes away a row, nor brings about one that was not there: it only
// repeats.
func (w *window) groupCorrections(tr *tier, g group, marks []mark, rows []Row) []Row {
	// All keys go back in time together.
	slices.SortFunc(marks, func(a, b mark) int {
		if a.index != b.index {
			return cmp.Compare(b.index, a.index)
		}

		return cmp.Compare(a.key, b.key)
	})

	b := newGroupBackward(tr, w, g)
	seen := tr.end + 1 // the earliest end looked at

	for _, m := range marks {
		// One slide after the last window that holds the slice, only keys that
		// fall to zero ask for the rows; between other slices' ends the rows are
		// there anyway.
		if zero := m.index + w.span + 1; zero < seen {
			b.moveTo(zero)

			if fallen := b.fallen(marks, zero); fallen != 0 {
				rows = b.rows(rows, zero, fallen)
			}
		}

		for end := min(m.index+w.span, seen-1); end > m.index; end-- {
			b.moveTo(end)
			rows = b.rows(rows, end, b.fallen(marks, end))
		}

		seen = m.index + 1
	}

	return rows
}

// groupBackward is a window's totals of the keys of one group that move back in
// time from the tier's end. See backward.
type groupBackward struct {
	tier         *tier
	window       *window
	group        group
	totals       [MaxGroupWidth]total
	held         uint64 // bit i: totals[i] has events
	enter, leave int    // the positions after the newest slices in and before the window
	later        int    // how many marks lie after the slice that has just left
}

func newGroupBackward(tr *tier, w *window, g group) groupBackward {
	b := groupBackward{
		tier: tr, window: w, group: g,
		enter: tr.search(tr.end), leave: tr.search(tr.end - w.span),
	}
	copy(b.totals[:], w.totals[g.first:g.end()])

	for i := range g.width {
		b.hold(i)
	}

	return b
}

// hold notes whether a total has events.
func (b *groupBackward) hold(i int) {
	if b.totals[i].events != 0 {
		b.held |= 1 << i
	} else {
		b.held &^= 1 << i
	}
}

// moveTo undoes the slices that entered and left the window after end.
func (b *groupBackward) moveTo(end int64) {
	for b.enter > 0 && b.tier.slices[b.enter-1].index >= end {
		b.enter--

		for _, c := range b.cells(b.enter) {
			i := int(c.key - b.group.first)
			b.totals[i].events -= c.events
			b.totals[i].sum.minus(c.sum)
			b.hold(i)
		}
	}

	for b.leave > 0 && b.tier.slices[b.leave-1].index >= end-b.window.span {
		b.leave--

		for _, c := range b.cells(b.leave) {
			i := int(c.key - b.group.first)
			b.totals[i].events += c.events
			b.totals[i].sum.plus(c.sum)
			b.hold(i)
		}
	}
}

// cells are those of the group in the slice at a position.
func (b *groupBackward) cells(at int) []cell {
	sl := &b.tier.slices[at]
	from, _ := sl.position(b.group.first)

	to := from
	for to < len(sl.cells) && sl.cells[to].key < b.group.end() {
		to++
	}

	return sl.cells[from:to]
}

// fallen says which keys have a zero row at end that a late event brought into
// being: the first one of the slice that has just left, and nothing after it.
// The ends asked for go back in time.
func (b *groupBackward) fallen(marks []mark, end int64) uint64 {
	left := end - b.window.span - 1
	for b.later < len(marks) && marks[b.later].index > left {
		b.later++
	}

	var keys uint64

	for at := b.later; at < len(marks) && marks[at].index == left; at++ {
		if marks[at].fresh {
			keys |= 1 << (marks[at].key - b.group.first)
		}
	}

	return keys &^ b.held
}

// rows appends the rows at end of the keys that have events and of those that
// have fallen to zero.
func (b *groupBackward) rows(rows []Row, end int64, fallen uint64) []Row {
	for rest := b.held | fallen; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros64(rest)
		rows = append(rows, b.totals[i].row(b.window.index, end*b.tier.slide, b.group.first+Key(i)))
	}

	return rows
}
