package wire

import (
	"fmt"
	"strconv"
)

// MetricDay is the rows of one day, by column, of a table whose rows are of days. In
// a message "days" stands instead of "windows":
//
//	{"day":20786,"by":[["spring","summer"]],"measures":[[200,10]]}
//
// The day is counted from 1970-01-01, by the calendar that days follow.
type MetricDay struct {
	Day      int64
	By       [][]string // by dimension
	Measures []Column
}

// IsDay says whether a day lies in the years 1970 to 2200.
func IsDay(day int64) bool { return day >= 0 && day < 84_371 }

// Rows is how many rows the day has.
func (d *MetricDay) Rows() int {
	if len(d.Measures) == 0 {
		return 0
	}

	return d.Measures[0].Len()
}

// AppendMetricDay appends d as a JSON object.
func AppendMetricDay(dst []byte, d *MetricDay) []byte {
	dst = strconv.AppendInt(append(dst, `{"day":`...), d.Day, 10)

	return append(appendColumns(appendBy(dst, d.By), d.Measures), '}')
}

// appendBy appends the dimensions of rows, and what comes before their measures.
func appendBy(dst []byte, by [][]string) []byte {
	dst = append(dst, `,"by":[`...)
	for i := range by {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendStrings(dst, by[i])
	}

	return append(dst, `],"measures":`...)
}

func (s *scanner) metricDay(numbers []int64) (MetricDay, []int64) {
	var d MetricDay
	s.expect(`{"day":`)
	d.Day = s.int64()
	d.By = s.by()
	d.Measures, numbers = s.columns(numbers)
	s.expect("}")

	return d, numbers
}

// by reads what appendBy writes.
func (s *scanner) by() [][]string {
	by := [][]string{}
	s.expect(`,"by":[`)
	for first := true; s.ok && !s.skip("]"); first = false {
		if !first {
			s.expect(",")
		}
		by = append(by, s.strings())
	}
	s.expect(`,"measures":`)

	return by
}

// items reads the rest of a list, whose first bracket is read.
func (s *scanner) items(read func()) {
	for first := true; s.ok && !s.skip("]"); first = false {
		if !first {
			s.expect(",")
		}
		read()
	}
}

// jsonDay is a MetricDay in any JSON.
type jsonDay struct {
	Day      int64        `json:"day"`
	By       [][]string   `json:"by"`
	Measures []jsonColumn `json:"measures"`
}

func daysOf(raw []jsonDay) []MetricDay {
	var days []MetricDay
	for _, d := range raw {
		days = append(days, MetricDay{Day: d.Day, By: d.By, Measures: columnsOf(d.Measures)})
	}

	return days
}

// lengths are those of the columns of dimensions.
func lengths(by [][]string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for _, texts := range by {
			if !yield(len(texts)) {
				return
			}
		}
	}
}

// checkDays says what is wrong with the shape of the days.
func (m *Metrics) checkDays() error {
	for i := range m.Days {
		d := &m.Days[i]
		if err := m.checkColumns(d.Rows(), len(d.By), d.Measures, lengths(d.By)); err != nil {
			return fmt.Errorf("day %d: %w", d.Day, err)
		}
	}

	return nil
}
