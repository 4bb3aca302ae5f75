package replay

import (
	"slices"
)

const dayMS = 24 * 60 * 60 * 1000

// What is far. A step forward that most later rows don't share is a row of
// another year, month or week; a step back has to be longer, since rows may
// come late.
const (
	followers   = 128         // rows behind a row that are asked about a far step
	nearForward = 2 * dayMS   // where nearly all of the next rows stayed behind
	farForward  = 28 * dayMS  // where most of them did
	farBack     = 180 * dayMS // where most of them did
	nearRows    = 16          // rows that are asked about a near step,
	minNear     = 8           // if there are so many
	maxAstray   = 100_000     // rows that are remembered; a file with more is not in order
	lonely      = 3           // so many first or last rows of all may be far from all others,
	lonelyGap   = 180         // by so many days,
	lonelyTimes = 50          // and so many times the longest pause of the others, of which there are as many times more
)

// dated is a row with its clock.
type dated struct{ row, at int64 }

// timeliner makes a Timeline of the rows of a file. It takes O(1) for nearly
// all rows, and memory that does not grow with the file.
type timeliner struct {
	line     *Timeline
	keep     bool
	order    Order
	lateness int64 // ms

	waiting [followers + 1]dated // rows whose followers are not known yet, a ring
	head    int                  // the oldest
	count   int

	begun    bool
	newest   int64 // latest of the believed clocks
	previous int64 // clock of the row before

	believed int64
	late     int64 // of them
	astray   []dated
	crowded  bool // more rows are astray than are remembered
	days     []uint32
	highest  [lonely + 1]int64 // clocks, the highest first
	lowest   [lonely + 1]int64 // the lowest first
	firsts   []dated           // in the order of the file

	unset     []dated // examples of rows in 1970
	unsetRows int64

	times, arrivals overlaps
}

// turn tells the two passes of a local time apart, as far as the rows up to
// here do.
func (t *timeliner) turn(f field, row int64, r reading) reading {
	if r.state == skippedTime {
		t.line.example(row, 0, Nowhere)
	}
	if f == fieldArrival {
		return t.arrivals.add(row, r, t.untold)
	}

	return t.times.add(row, r, t.untold)
}

func (t *timeliner) untold(first, last int64) {
	t.line.example(first, 0, Unclear)
	t.line.Refused[Unclear] += last - first // a run has nothing else in between, but for rows without a time
}

// add takes the next row with a clock; its time, if it has one, too.
func (t *timeliner) add(row, at, time int64, timed bool) {
	t.line.Rows++
	switch {
	case t.keep:
		t.follow(dated{row, at})
	case at > t.line.latest || timed && time > t.line.latest:
		t.line.example(row, max(at, time), Future)
	case at < settled || timed && time < settled:
		if t.unsetRows++; len(t.unset) < maxExamples {
			t.unset = append(t.unset, dated{row, at})
		}
	default:
		t.follow(dated{row, at})
	}
}

func (t *timeliner) follow(d dated) {
	t.waiting[(t.head+t.count)%len(t.waiting)] = d
	if t.count++; t.count == len(t.waiting) {
		t.decide()
	}
}

// decide judges the row that waits for longest by those behind it.
func (t *timeliner) decide() {
	d := t.waiting[t.head]
	t.head = (t.head + 1) % len(t.waiting)
	t.count--
	if !t.keep && t.isAstray(d) {
		t.lead(d)
	} else {
		t.believe(d)
	}
	t.previous = d.at
}

func (t *timeliner) isAstray(d dated) bool {
	forward := max(nearForward, 2*t.lateness)
	switch {
	case !t.begun || d.at > t.newest+forward:
		near, far := 0, 0
		for i := range t.count {
			switch at := t.waiting[(t.head+i)%len(t.waiting)].at; {
			case at < d.at-max(farForward, forward):
				far++

				fallthrough
			case at < d.at-forward:
				if i < nearRows {
					near++
				}
			}
		}
		mostFar := far*2 > t.count && (!t.begun || d.at > t.newest+max(farForward, forward))

		return mostFar || t.count >= minNear && near*8 >= min(t.count, nearRows)*7
	case d.at < t.newest-max(farBack, 2*t.lateness):
		ahead := 0
		for i := range t.count {
			if t.waiting[(t.head+i)%len(t.waiting)].at > d.at+farBack {
				ahead++
			}
		}

		return ahead*2 > t.count || t.count == 0 && t.previous > d.at+farBack
	}

	return false
}

func (t *timeliner) lead(d dated) {
	if len(t.astray) == maxAstray {
		t.crowded = true
		t.believe(d)

		return
	}
	t.astray = append(t.astray, d)
}

func (t *timeliner) believe(d dated) {
	if t.begun && d.at < t.newest-t.lateness {
		t.late++
	}
	if !t.begun || d.at > t.newest {
		t.newest = d.at
	}
	t.begun = true
	t.enter(d)
}

// enter counts the row among those that are believed.
func (t *timeliner) enter(d dated) {
	t.believed++
	t.days[d.at/dayMS]++
	if len(t.firsts) < cap(t.highest)*4 {
		t.firsts = append(t.firsts, d)
	}
	if t.believed <= int64(len(t.highest)) || d.at > t.highest[lonely] {
		t.highest = insert(t.highest, t.believed, d.at, func(a, b int64) bool { return a > b })
	}
	if t.believed <= int64(len(t.lowest)) || d.at < t.lowest[lonely] {
		t.lowest = insert(t.lowest, t.believed, d.at, func(a, b int64) bool { return a < b })
	}
}

// insert puts at into its place among the first of n.
func insert(list [lonely + 1]int64, n, at int64, before func(a, b int64) bool) [lonely + 1]int64 {
	place := int(min(n, int64(len(list)))) - 1
	for place > 0 && before(at, list[place-1]) {
		list[place] = list[place-1]
		place--
	}
	list[place] = at

	return list
}

// finish says what came out.
func (t *timeliner) finish() *Timeline {
	for t.count > 0 {
		t.decide()
	}
	line := t.line
	if t.unsetRows > 0 && t.unsetRows > t.believed+int64(len(t.astray)) {
		line.WrongUnit = true
	}
	for _, d := range t.unset {
		line.example(d.row, d.at, Unset)
	}
	line.Refused[Unset] = t.unsetRows
	line.overlaps = map[field][]overlap{fieldTime: t.times.finish(t.untold), fieldArrival: t.arrivals.finish(t.untold)}
	line.Late = t.late
	if line.Sorted = t.unsorted(); line.Sorted {
		for _, d := range t.astray {
			t.enter(d) // in order of time they stand beside their like
		}
		line.Late += int64(len(t.astray))
		t.astray = nil
	}
	for _, d := range t.astray {
		line.example(d.row, d.at, Astray)
	}
	line.rows = refusedRows(t.astray)
	if !t.keep {
		t.isolate()
	}
	t.ends()

	return line
}

// unsorted tells a file that is not in order from one with some late rows.
func (t *timeliner) unsorted() bool {
	if t.order != AutoOrder {
		return t.order == TimeOrder
	}
	rows, astray := t.believed+int64(len(t.astray)), int64(len(t.astray))

	return t.crowded ||
		astray*4 > rows || astray > lonely && astray*10 > rows ||
		t.late*50 > rows && (t.late >= 3 || t.late*2 >= rows)
}

// isolate looks for the few first and last rows of all that are far from all
// others.
func (t *timeliner) isolate() {
	first, last := t.occupied()
	if first == last {
		return
	}
	above, below := t.gap(last, -1), t.gap(first, +1)
	longest := 1
	for day, pause := below.day, 0; day <= above.day; day++ {
		pause++
		if t.days[day] > 0 {
			longest, pause = max(longest, pause), 0
		}
	}
	rest := t.believed - above.rows - below.rows
	alone := func(g lonelyEnd) bool {
		return g.rows > 0 && g.days > lonelyGap && g.days > lonelyTimes*longest && rest >= lonelyTimes*g.rows
	}
	line := t.line
	if alone(above) {
		line.to = int64(above.day+1)*dayMS - 1
		for _, at := range t.highest[:above.rows] {
			line.example(0, at, Alone)
		}
	}
	if alone(below) {
		line.from = int64(below.day) * dayMS
		for _, at := range t.lowest[:below.rows] {
			line.example(0, at, Alone)
		}
	}
}

// lonelyEnd is an end of the file's times that may be cut off: its rows, the
// pause up to the others in days, and the day where the others begin.
type lonelyEnd struct {
	rows int64
	days int
	day  int
}

// gap looks for it from the day on, forward or back.
func (t *timeliner) gap(day, step int) lonelyEnd {
	end, pause := lonelyEnd{day: day}, 0
	rows := int64(0)
	for at := day; at >= 0 && at < len(t.days); at += step {
		if t.days[at] == 0 {
			pause++

			continue
		}
		if pause > lonelyGap {
			return lonelyEnd{rows: rows, days: pause, day: at}
		}
		if rows += int64(t.days[at]); rows > lonely {
			return end
		}
		pause = 0
	}

	return end
}

func (t *timeliner) occupied() (first, last int) {
	first = max(slices.IndexFunc(t.days, func(n uint32) bool { return n > 0 }), 0)
	for last = len(t.days) - 1; last > first && t.days[last] == 0; last-- {
	}

	return first, last
}

// ends finds the first and the last clock of the rows that are believed.
func (t *timeliner) ends() {
	line := t.line
	inside := func(at int64) bool { return at >= line.from && at <= line.to }
	n := int(min(t.believed, int64(len(t.highest))))
	for _, at := range t.highest[:n] {
		if inside(at) {
			line.Last = at

			break
		}
	}
	for _, at := range t.lowest[:n] {
		if line.Sorted && inside(at) {
			line.First = at

			break
		}
	}
	for _, d := range t.firsts {
		if !line.Sorted && inside(d.at) {
			line.First = d.at

			break
		}
	}
}
