package wire

import (
	"errors"
	"fmt"
	"iter"
	"strconv"

	"ebb/pipeline/amount"
)

// PackedSchema is the schema of messages that hold series instead of windows:
// `{"schema":2,"table":…,"partition":…,"version":…,"clock":…,"era":…,"series":[…]}`,
// on the subject of their table. History has thousands of windows of a key in one
// cut, and a row for each would be most of the work of an import. They hold the
// rows of windows that end for the first time; corrections come by window, as
// live rows do.
const PackedSchema = 2

// Series is the rows of windows of one length for one key, in columns:
//
//	{"window":"5m","key":"order.completed","currency":"EUR",
//	 "end":1700000000000,"slide":60000,"steps":[0,1,1,7],
//	 "events":[1,2,1,1],"values":["19.99","39.98","19.99","5"]}
//
// Row i ends slide × (steps[0] + … + steps[i]) ms after end; steps[0] is 0, and
// the others are at least 1. All ends of a series lie in one day of UTC. Key,
// currency, customers and values are left out where they are empty or all 0, and
// where their table has no such column.
type Series struct {
	Window    string
	Key       string
	Currency  string
	End       int64 // of the first row, exclusive, Unix ms
	Slide     int64 // ms
	Steps     []int64
	Events    []int64
	Customers []int64         // as long as Events, or nil
	Values    []amount.Amount // as long as Events, or nil
}

// Rows yields the rows with their window ends.
func (s *Series) Rows() iter.Seq2[int64, Row] {
	return func(yield func(int64, Row) bool) {
		end := s.End
		for i, step := range s.Steps {
			end += step * s.Slide
			row := Row{Key: s.Key, Currency: s.Currency, Events: s.Events[i]}
			if s.Customers != nil {
				row.Customers = s.Customers[i]
			}
			if s.Values != nil {
				row.Value = s.Values[i]
			}
			if !yield(end, row) {
				return
			}
		}
	}
}

// LastEnd is the end of the last row.
func (s *Series) LastEnd() int64 {
	end := s.End
	for _, step := range s.Steps {
		end += step * s.Slide
	}

	return end
}

// AppendSeries appends s as a JSON object.
func AppendSeries(dst []byte, s *Series) []byte {
	dst = append(append(append(dst, `{"window":"`...), s.Window...), '"')
	if s.Key != "" {
		dst = appendString(append(dst, `,"key":`...), s.Key)
	}
	if s.Currency != "" {
		dst = appendString(append(dst, `,"currency":`...), s.Currency)
	}
	dst = strconv.AppendInt(append(dst, `,"end":`...), s.End, 10)
	dst = strconv.AppendInt(append(dst, `,"slide":`...), s.Slide, 10)
	dst = appendNumbers(append(dst, `,"steps":`...), s.Steps)
	dst = appendNumbers(append(dst, `,"events":`...), s.Events)
	if s.Customers != nil {
		dst = appendNumbers(append(dst, `,"customers":`...), s.Customers)
	}
	if s.Values != nil {
		dst = appendAmounts(append(dst, `,"values":`...), s.Values)
	}

	return append(dst, '}')
}

// appendNumbers appends numbers as a JSON array.
func appendNumbers(dst []byte, numbers []int64) []byte {
	dst = append(dst, '[')
	for i, n := range numbers {
		if i > 0 {
			dst = append(dst, ',')
		}
		if n >= 0 && n < 10 { // nearly all of them
			dst = append(dst, '0'+byte(n))
		} else {
			dst = strconv.AppendInt(dst, n, 10)
		}
	}

	return append(dst, ']')
}

// appendAmounts appends amounts as a JSON array of decimal numbers in quotes.
func appendAmounts(dst []byte, amounts []amount.Amount) []byte {
	dst = append(dst, '[')
	for i, value := range amounts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(value.Append(append(dst, '"')), '"')
	}

	return append(dst, ']')
}

const (
	dayMS    = 86_400_000
	maxSlide = 366 * dayMS
	maxEnd   = 1 << 53 // what every reader of JSON can tell apart
)

// check says what is wrong with the series of a table.
func (s *Series) check(table Table) error {
	switch {
	case len(s.Steps) == 0 || len(s.Steps) != len(s.Events):
		return fmt.Errorf("%d steps and %d events", len(s.Steps), len(s.Events))
	case s.Customers != nil && len(s.Customers) != len(s.Events):
		return fmt.Errorf("%d customers and %d events", len(s.Customers), len(s.Events))
	case s.Values != nil && len(s.Values) != len(s.Events):
		return fmt.Errorf("%d values and %d events", len(s.Values), len(s.Events))
	case !s.fits(table):
		return fmt.Errorf("a column that table %s has not", table)
	}

	return checkSteps(s.End, s.Slide, s.Steps)
}

// fits says whether the table has all columns of the series.
func (s *Series) fits(table Table) bool {
	switch table {
	case Total:
		return s.Key == "" && s.Currency == "" && s.Values == nil
	case Kind:
		return s.Currency == "" && s.Values == nil
	case Channel:
		return s.Currency == "" && s.Values == nil && s.Customers == nil
	default:
		return s.Customers == nil
	}
}

// checkSteps says what is wrong with the ends of a series.
func checkSteps(first, slide int64, steps []int64) error {
	switch {
	case len(steps) == 0:
		return errors.New("it has no steps")
	case slide < 1 || slide > maxSlide:
		return fmt.Errorf("slide is %d ms, not 1 to %d", slide, maxSlide)
	case first < -maxEnd || first > maxEnd:
		return fmt.Errorf("end is %d", first)
	case steps[0] != 0:
		return errors.New("the first step is not 0")
	}
	end := first
	for _, step := range steps[1:] {
		if step < 1 || step > dayMS/slide {
			return fmt.Errorf("step is %d, not 1 to a day", step)
		}
		end += step * slide
	}
	if day(end) != day(first) {
		return fmt.Errorf("ends are %d to %d, not in one day", first, end)
	}

	return nil
}

// day is the number of the day of UTC in which ms lies.
func day(ms int64) int64 {
	if ms < 0 {
		return (ms+1)/dayMS - 1
	}

	return ms / dayMS
}

// SameDay says whether two window ends may stand in one series.
func SameDay(a, b int64) bool { return day(a) == day(b) }
