package shard

import (
	"ebb/pipeline/amount"
	"ebb/pipeline/wire"
	"ebb/windows"
)

// This file gathers the rows of an import's cut in columns, as they go out: those of
// one key and length whose ends lie in one day are a series.

// gathering is the rows of a cut by series. A row is begun, and then its figures are
// put into the columns that they stand in. What is 0 is not put: most is.
type gathering struct {
	open  []openSeries // in the order of their first rows
	index []int32      // by key and length: the position in open, from 1; 0 for none
	rows  int
	last  struct { // of the last row
		length int
		end    int64
	}
}

// openSeries is a series to which rows may be added.
type openSeries struct {
	key     windows.Key
	length  int
	at      int   // in index
	begin   int64 // end of the first row
	end     int64 // of the last row
	steps   []int64
	columns []column
}

// column holds a figure up to the last row where it is not 0.
type column struct {
	counts []int64
	sums   []amount.Amount
}

// seriesRows is from how many rows on those that wait are packed, at the next day
// of window ends: rows come by length and end, so there is one series of a length,
// day and key in a cut. Only where a day alone has more than mostSeriesRows, of
// many keys, there are several, one behind the other.
const (
	seriesRows     = 16 << 10
	mostSeriesRows = 64 << 10
)

// keptBytes is about how much memory of columns, and of messages, is kept for the next
// series. It is that of the rows that wait most often.
const keptBytes = 2 << 20

// full says whether to pack the rows that wait before the next one is begun.
func (g *gathering) full(row *windows.Row) bool {
	return g.rows >= seriesRows &&
		(g.rows >= mostSeriesRows || g.last.length != row.Length || !wire.SameDay(g.last.end, row.End))
}

// row begins a row of a key and length, which has so many columns. The series that it
// gives back is for its figures, and good until the next row.
func (g *gathering) row(key windows.Key, columns int, row *windows.Row, lengths []windows.Length) *openSeries {
	g.rows++
	g.last.length, g.last.end = row.Length, row.End
	at := int(key)*len(lengths) + row.Length
	if at >= len(g.index) {
		g.index = append(g.index, make([]int32, at+1-len(g.index))...)
	}
	if i := g.index[at]; i > 0 {
		s := &g.open[i-1]
		if wire.SameDay(s.end, row.End) {
			step := int64(1)
			if slide := lengths[row.Length].Slide; row.End-s.end != slide {
				step = (row.End - s.end) / slide
			}
			s.steps, s.end = append(s.steps, step), row.End

			return s
		}
	}
	s := g.begin(columns)
	g.index[at] = int32(len(g.open))
	s.key, s.length, s.at, s.begin, s.end = key, row.Length, at, row.End, row.End
	s.steps = append(s.steps[:0], 0)

	return s
}

// begin opens a series, in the memory of one that was forgotten.
func (g *gathering) begin(columns int) *openSeries {
	if n := len(g.open); n < cap(g.open) {
		g.open = g.open[:n+1]
	} else {
		g.open = append(g.open, openSeries{})
	}
	s := &g.open[len(g.open)-1]
	if cap(s.columns) < columns {
		s.columns = append(s.columns[:cap(s.columns)], make([]column, columns-cap(s.columns))...)
	}
	s.columns = s.columns[:columns]
	for i := range s.columns {
		c := &s.columns[i]
		c.counts, c.sums = c.counts[:0], c.sums[:0]
	}

	return s
}

// count puts a count into a column of the last row.
func (s *openSeries) count(place int, n int64) {
	if n != 0 {
		c := &s.columns[place]
		c.counts = append(padded(c.counts, len(s.steps)-1), n)
	}
}

// sum puts a sum into a column of the last row.
func (s *openSeries) sum(place int, sum windows.Sum) {
	if sum != (windows.Sum{}) {
		c := &s.columns[place]
		c.sums = append(padded(c.sums, len(s.steps)-1), amount.Amount(sum))
	}
}

// counts are those of a column; nil where all are 0.
func (s *openSeries) counts(place int) []int64 { return toEnd(&s.columns[place].counts, len(s.steps)) }

// sums are those of a column; nil where all are 0.
func (s *openSeries) sums(place int) []amount.Amount {
	return toEnd(&s.columns[place].sums, len(s.steps))
}

func toEnd[T any](column *[]T, rows int) []T {
	if len(*column) == 0 {
		return nil
	}
	*column = padded(*column, rows)

	return *column
}

// padded fills a column up with zeros.
func padded[T any](column []T, rows int) []T {
	var zero T
	for len(column) < rows {
		column = append(column, zero)
	}

	return column
}

// clear forgets the rows.
func (g *gathering) clear() {
	bytes := 0
	for i := range g.open {
		s := &g.open[i]
		g.index[s.at] = 0
		bytes += 8 * cap(s.steps)
		for _, c := range s.columns[:cap(s.columns)] {
			bytes += 8*cap(c.counts) + 16*cap(c.sums)
		}
	}
	g.rows, g.open = 0, g.open[:0]
	if bytes > keptBytes {
		g.open = nil
	}
}
