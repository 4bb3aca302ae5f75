package replay

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"ebb/pipeline/event"
)

// Limits are what the times of a file are measured by.
type Limits struct {
	Lateness time.Duration // of the shards; a mapping's own has the say
	Skew     time.Duration // of the shards; a mapping's own has the say

	// Latest is the latest time that a row may have, Unix ms: the wall clock
	// and the skew. 0 is no limit. Who resumes an import takes the one with
	// which it began, so that the same rows are refused.
	Latest int64
}

// Of gives the mapping the say.
func (l Limits) Of(m *Mapping) Limits {
	if m.Lateness != nil {
		l.Lateness = time.Duration(*m.Lateness)
	}
	if m.Skew != nil {
		l.Skew = time.Duration(*m.Skew)
	}

	return l
}

// Timeline is what one pass over a file tells of its times: which rows can't
// be believed, and whether the file is in order. It follows from the file, the
// mapping and the limits alone, and is the same for a dry run, an import, a
// demo and a backtest.
//
// The clock of a row is its arrival where the mapping names one, else its
// time. A row is refused, and moves no clock, if its time or its arrival
//
//   - lies beyond the latest time (a device's clock, a wrong year or unit),
//   - lies in 1970, where most rows do not (a device's clock, a wrong unit),
//   - is far from the rows before and behind it, both of which agree: in a file
//     that is in order, one row of another year. A gap that all later rows
//     share is a gap,
//   - is among the few first or last of all, and they are far from all others.
//
// A file where many rows are late behind rows that are believed is not in
// order, and is to be sorted.
type Timeline struct {
	Rows int64 // with a time that can be read
	Late int64 // of the believed rows, those that came later than the lateness allows in the order of the file

	// Sorted says that rows are read in the order of their clocks, rows with
	// the same clock in the order of the file.
	Sorted bool

	First int64 // clock of the first row that is believed, Unix ms; 0 where there is none
	Last  int64 // the latest

	Refused  [Doubts]int64 // rows that can't be believed, by why
	Examples []Example     // of them

	// WrongUnit says that most rows lie in 1970, which is refused as a whole.
	WrongUnit bool

	from, to int64               // clocks outside are refused
	latest   int64               // times beyond are refused
	early    bool                // times of 1970 are believed
	rows     []int64             // refused for their neighbours, ascending
	overlaps map[field][]overlap // local times that exist twice, of the fields time and arrival
}

// Doubt is why a row's time can't be believed.
type Doubt uint8

// The doubts.
const (
	Believed Doubt = iota
	Future         // beyond the latest time
	Unset          // in 1970, where most are not
	Astray         // far from the rows around it
	Alone          // first or last of all, and far from all others
	Unclear        // a local time that exists twice, and the file doesn't tell which it is
	Nowhere        // a local time that doesn't exist
	Doubts         // how many there are
)

// Example is a row that can't be believed.
type Example struct {
	Row   int64
	Clock int64 // Unix ms
	Doubt Doubt
}

// maxExamples is how many rows of each doubt are named.
const maxExamples = 5

// ErrWrongUnit says that the times of a file are counted in another unit than
// the mapping says.
var ErrWrongUnit = errors.New("most times lie in the year 1970, where seconds read as milliseconds, or milliseconds as microseconds, end up")

// check refuses a file as a whole.
func (t *Timeline) check(source Source, m *Mapping) error {
	if t.WrongUnit {
		return fmt.Errorf("%s: %w; name the unit of the file (unix, unix_ms, unix_us, unix_ns) in the mapping under time.formats, "+
			"or keep these times with time: {outliers: keep}", source.Name, ErrWrongUnit)
	}
	if t.First != 0 {
		return nil
	}
	if n := t.Refused[Future]; n > 0 {
		return fmt.Errorf("%s: %w: %s a time beyond the wall clock, the first in row %d (%s); check the unit and the zone of the mapping under time",
			source.Name, ErrNoRows, rowsHave(n), t.Examples[0].Row, string(appendTime(nil, t.Examples[0].Clock)))
	}

	return fmt.Errorf("%s: %w; check the file and its mapping (%s)", source.Name, ErrNoRows, m.Name)
}

// Distrusted is how many rows can't be believed.
func (t *Timeline) Distrusted() int64 {
	n := int64(0)
	for _, rows := range t.Refused {
		n += rows
	}

	return n
}

// clock says what is wrong with a row's clock.
func (t *Timeline) clock(row, at int64, cursor *int) Doubt {
	for *cursor < len(t.rows) && t.rows[*cursor] < row {
		*cursor++
	}
	switch doubt := t.time(at); {
	case doubt != Believed:
		return doubt
	case *cursor < len(t.rows) && t.rows[*cursor] == row:
		return Astray
	case at < t.from || at > t.to:
		return Alone
	}

	return Believed
}

// time says what is wrong with a time, whatever stands around it.
func (t *Timeline) time(at int64) Doubt {
	switch {
	case at > t.latest:
		return Future
	case at < settled && !t.early:
		return Unset
	}

	return Believed
}

func (t *Timeline) example(row, at int64, doubt Doubt) {
	if t.Refused[doubt] < maxExamples {
		t.Examples = append(t.Examples, Example{row, at, doubt})
	}
	t.Refused[doubt]++
}

// reason says it in a dead letter.
func (d Doubt) reason() string {
	return [Doubts]string{
		"", "beyond the wall clock", "of 1970, unlike most of the file", "far from the rows before and behind it",
		"far from all other rows of the file", "there twice, where clocks are put back, and its neighbours don't tell which it is",
		"not there, where clocks are put forward",
	}[d]
}

// remedy says what to do about it.
func (d Doubt) remedy() string {
	if d == Unclear || d == Nowhere {
		return "export times with their offset from UTC"
	}

	return "correct it, or keep such rows with time: {outliers: keep} in the mapping"
}

// newTimeline begins to look at the times of a file.
func newTimeline(m *Mapping, limits Limits) *timeliner {
	limits = limits.Of(m)
	latest := limits.Latest
	if latest == 0 {
		latest = event.MaxTime
	}
	t := &timeliner{
		line:     &Timeline{from: event.MinTime, to: event.MaxTime, latest: latest},
		keep:     m.Time.Outliers == KeepOutliers,
		order:    m.Time.Order,
		lateness: limits.Lateness.Milliseconds(),
		days:     make([]uint32, event.MaxTime/dayMS+1),
	}
	if t.keep {
		t.line.latest, t.line.early = event.MaxTime, true
	}

	return t
}

// refusedRows returns the numbers of rows.
func refusedRows(rows []dated) []int64 {
	numbers := make([]int64, len(rows))
	for i, r := range rows {
		numbers[i] = r.row
	}
	slices.Sort(numbers)

	return numbers
}
