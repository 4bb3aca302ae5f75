package replay

import "sort"

// overlap is a run of rows whose local times exist twice, since clocks are put
// back there, and where in the run the second pass begins (in a file that goes
// back in time: the first).
type overlap struct {
	first, last int64 // rows
	turn        int64 // the first row behind the turn
	back        bool  // the file goes back in time
}

// jitter is how far rows may be out of order within a run, ms.
const jitter = 10 * 60 * 1000

// maxOverlaps bounds how many runs of a file are remembered; rows of others
// are refused.
const maxOverlaps = 100_000

// overlaps finds the runs of one field. A run tells which pass its rows belong
// to if local time steps back in it exactly once, between rows before and
// behind it that are in order too.
type overlaps struct {
	found []overlap

	open     bool
	run      overlap
	begin    reading // the first of the run
	latest   reading // the latest
	back     int     // steps back
	backRow  int64   // the first row behind one
	ahead    int     // steps forward
	aheadRow int64

	before int64 // the last time that exists once, Unix ms
	known  bool
}

// add takes the next row and returns which moment it probably is. close, if
// not nil, is called with each run that tells nothing.
func (o *overlaps) add(row int64, r reading, untold func(first, last int64)) reading {
	if o.open && (r.state == onceTime || r.state == twiceTime && !near(r.ms, o.begin.ms)) {
		o.close(r.ms, true, untold)
	}
	switch r.state {
	case onceTime:
		o.before, o.known = r.ms, true
	case twiceTime:
		o.extend(row, r)
		down := o.known && o.before > o.begin.again
		if down && o.ahead == 0 || !down && o.back > 0 {
			r.ms = r.again
		}
	}

	return r
}

func near(a, b int64) bool { return a-b < 3*60*60*1000 && b-a < 3*60*60*1000 }

func (o *overlaps) extend(row int64, r reading) {
	switch {
	case !o.open:
		*o = overlaps{found: o.found, before: o.before, known: o.known}
		o.open, o.run.first, o.begin = true, row, r
	case r.ms < o.latest.ms-jitter:
		if o.back++; o.back == 1 {
			o.backRow = row
		}
	case r.ms > o.latest.ms+jitter:
		if o.ahead++; o.ahead == 1 {
			o.aheadRow = row
		}
	}
	o.run.last, o.latest = row, r
}

// close ends the run before a time that exists once, if there is one.
func (o *overlaps) close(next int64, has bool, untold func(first, last int64)) {
	up := (!o.known || o.before <= o.begin.ms) && (!has || next >= o.latest.again) && (o.known || has)
	down := (!o.known || o.before >= o.begin.again) && (!has || next <= o.latest.ms) && (o.known || has)
	switch {
	case len(o.found) == maxOverlaps:
		untold(o.run.first, o.run.last)
	case up && o.back == 1:
		o.run.turn = o.backRow
		o.found = append(o.found, o.run)
	case down && o.ahead == 1:
		o.run.turn, o.run.back = o.aheadRow, true
		o.found = append(o.found, o.run)
	default:
		untold(o.run.first, o.run.last)
	}
	o.open = false
}

// finish closes the last run.
func (o *overlaps) finish(untold func(first, last int64)) []overlap {
	if o.open {
		o.close(0, false, untold)
	}

	return o.found
}

// resolve says which of two moments a row means.
func resolve(found []overlap, row int64, r reading) (int64, bool) {
	i := sort.Search(len(found), func(i int) bool { return found[i].last >= row })
	if i == len(found) || found[i].first > row {
		return 0, false
	}
	if (row >= found[i].turn) != found[i].back {
		return r.again, true
	}

	return r.ms, true
}
