package shard

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"ebb/pipeline/metric"
)

// cohortRows are the rows of a cohort's table that may still change, and those that
// have yet to be published.
type cohortRows struct {
	cohort *metric.Cohort
	slab   []cohortRow
	free   []uint32          // places in slab
	index  map[string]uint32 // by day and dimensions
	days   map[int64]*cohortDay
	dirty  []uint32 // in the order in which they changed
	key    []byte   // scratch
}

// cohortRow is a row.
type cohortRow struct {
	day    int64
	by     []string
	counts []int64 // by measure
	items  int     // in the table, that are of this row
	dirty  bool    // not published as it is
}

// cohortDay is what is known of the rows of a day.
type cohortDay struct {
	rows  []uint32
	items int // that were open, until the day closed
	apart int // rows that count towards AtMost
	gone  int // rows that are freed
}

func newCohortRows(of *metric.Cohort) cohortRows {
	return cohortRows{cohort: of, index: make(map[string]uint32), days: make(map[int64]*cohortDay)}
}

// of finds or makes the row of an event and a day; false where there can be no more.
func (r *cohortRows) of(e *metric.Event, day int64) (uint32, bool) {
	r.key = binary.AppendVarint(r.key[:0], day)
	prefix := len(r.key)
	for i := range r.cohort.By {
		r.key = metric.AppendPart(r.key, r.cohort.By[i].Of(e))
	}
	if row, ok := r.index[string(r.key)]; ok {
		return row, true
	}
	by := metric.Parts(r.key[prefix:])
	if of := r.days[day]; of != nil && of.apart >= r.cohort.AtMost && !allOther(by) {
		r.key = r.key[:prefix]
		for i := range by {
			by[i] = metric.Other
			r.key = metric.AppendPart(r.key, by[i])
		}
		if row, ok := r.index[string(r.key)]; ok {
			return row, true
		}
	}

	return r.add(string(r.key), day, by)
}

func allOther(by []string) bool {
	return !slices.ContainsFunc(by, func(text string) bool { return text != metric.Other })
}

// add makes a row.
func (r *cohortRows) add(key string, day int64, by []string) (uint32, bool) {
	row := cohortRow{day: day, by: by, counts: make([]int64, len(r.cohort.Measures))}
	var at uint32
	switch n := len(r.free); {
	case n > 0:
		at = r.free[n-1]
		r.free, r.slab[at] = r.free[:n-1], row
	case len(r.slab) == mostRows:
		return 0, false
	default:
		at = uint32(len(r.slab))
		r.slab = append(r.slab, row)
	}
	of := r.days[day]
	if of == nil {
		of = &cohortDay{}
		r.days[day] = of
	}
	of.rows = append(of.rows, at)
	if !allOther(by) {
		of.apart++
	}
	r.index[key] = at

	return at, true
}

// keyOf is the key of a row in index.
func (r *cohortRows) keyOf(day int64, by []string) string {
	r.key = binary.AppendVarint(r.key[:0], day)
	for _, text := range by {
		r.key = metric.AppendPart(r.key, text)
	}

	return string(r.key)
}

// change adds to what a row counts, or takes from it, an item of some marks.
func (r *cohortRows) change(at uint32, marks metric.Marks, by int64) {
	row := &r.slab[at]
	for i := range r.cohort.Measures {
		if r.cohort.Measures[i].Counts(marks) {
			row.counts[i] += by
		}
	}
	if !row.dirty {
		row.dirty = true
		r.dirty = append(r.dirty, at)
	}
}

// enter adds an item to a row.
func (r *cohortRows) enter(at uint32) {
	r.slab[at].items++
	r.days[r.slab[at].day].items++
}

// leave takes an item of a closed day from its row.
func (r *cohortRows) leave(at uint32, floor int64) {
	r.slab[at].items--
	r.release(at, floor)
}

// release frees a row that can't change any more, is published, and that no item is of.
func (r *cohortRows) release(at uint32, floor int64) {
	row := &r.slab[at]
	if row.day >= floor || row.dirty || row.items > 0 || row.counts == nil {
		return
	}
	delete(r.index, r.keyOf(row.day, row.by))
	of := r.days[row.day]
	if of.gone++; of.gone == len(of.rows) {
		delete(r.days, row.day)
	}
	*row = cohortRow{}
	r.free = append(r.free, at)
}

// close closes the days from one to another, exclusive, and says how many items they
// had.
func (r *cohortRows) close(from, to int64) (items int) {
	for day, of := range r.days {
		if day < from || day >= to {
			continue
		}
		items += of.items
		for _, at := range of.rows {
			r.release(at, to)
		}
	}

	return items
}

// oldest is the oldest day from one on that has items.
func (r *cohortRows) oldest(from int64) (day int64, ok bool) {
	for next, of := range r.days {
		if next >= from && of.items > 0 && (!ok || next < day) {
			day, ok = next, true
		}
	}

	return day, ok
}

// compare orders rows by day and dimensions.
func (r *cohortRows) compare(a, b uint32) int {
	return cmp.Or(cmp.Compare(r.slab[a].day, r.slab[b].day), slices.CompareFunc(r.slab[a].by, r.slab[b].by, strings.Compare))
}

// take gives the rows that have changed, by day and dimensions. They are clean from
// then on.
func (r *cohortRows) take() []uint32 {
	slices.SortFunc(r.dirty, r.compare)
	taken := r.dirty
	r.dirty = nil
	for _, at := range taken {
		r.slab[at].dirty = false
	}

	return taken
}
