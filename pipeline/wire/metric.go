package wire

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"ebb/pipeline/amount"
)

// MetricSchema is the schema of messages that name their columns, in which the
// rows of metrics travel on the subject of their table:
//
//	{"schema":3,"table":"rollups_sentiment","partition":…,"version":…,"clock":…,"era":…,
//	 "by":["channel"],"measures":["answers","sentiment"],
//	 "windows":[{"window":"1m","end":1700000000000,"by":[["email","web"]],"measures":[[2,1],["0.5","-1"]]}]}
//
// A window has a column for each dimension and each measure. Of history there is
// "series" instead of "windows", as in PackedSchema:
//
//	{"window":"1m","by":["web"],"end":1700000000000,"slide":60000,"steps":[0,1,7],"measures":[[2,1,1],[]]}
//
// Of tables whose rows are of days there is "days" instead; see MetricDay.
//
// A measure is a column of whole numbers, or of decimal numbers in quotes, exact to
// six decimals. One that is 0 in every row may be an empty column, but for the
// first of a window. A reader takes columns by their names: later versions may add
// some, and none changes its meaning.
const MetricSchema = 3

// Metrics is one message of the rows of a metric: one table, one partition, one
// cut, and one of Windows, Series and Days.
type Metrics struct {
	Header
	By       []string // the dimensions
	Measures []string
	Windows  []MetricWindow
	Series   []MetricSeries
	Days     []MetricDay
}

// MetricWindow is the rows of one window end, by column.
type MetricWindow struct {
	Window   string
	End      int64      // exclusive, Unix ms
	By       [][]string // by dimension
	Measures []Column
}

// MetricSeries is the rows of windows of one length, by column, whose dimensions
// are the same and whose ends lie in one day of UTC. Steps are those of Series.
type MetricSeries struct {
	Window   string
	By       []string // by dimension
	End      int64    // of the first row, exclusive, Unix ms
	Slide    int64    // ms
	Steps    []int64
	Measures []Column
}

// Column is a measure of all rows: whole numbers, or sums that are exact to
// millionths, or neither where all are 0.
type Column struct {
	Counts []int64
	Sums   []amount.Amount
}

// Len is how many rows the column says something of.
func (c *Column) Len() int { return len(c.Counts) + len(c.Sums) }

// Number is a whole number of 128 bits: a count, or the millionths of a sum.
type Number amount.Amount

// Count says whether it can be a count: from 0 to the largest int64.
func (n Number) Count() bool { return n.Hi == 0 && int64(n.Lo) >= 0 }

// At is the number of a row.
func (c *Column) At(row int) Number {
	switch {
	case c.Counts != nil:
		return Number(amount.Of(c.Counts[row]))
	case c.Sums != nil:
		return Number(c.Sums[row])
	}

	return Number{}
}

// Rows is how many rows the window has.
func (w *MetricWindow) Rows() int {
	if len(w.Measures) == 0 {
		return 0
	}

	return w.Measures[0].Len()
}

// Ends yields the number and the window end of every row.
func (s *MetricSeries) Ends() iter.Seq2[int, int64] {
	return func(yield func(int, int64) bool) {
		end := s.End
		for i, step := range s.Steps {
			if end += step * s.Slide; !yield(i, end) {
				return
			}
		}
	}
}

// LastEnd is the end of the last row.
func (s *MetricSeries) LastEnd() (last int64) {
	for _, end := range s.Ends() {
		last = end
	}

	return last
}

// AppendMetricHeader appends what a message says before its windows or series.
func AppendMetricHeader(dst []byte, h Header, by, measures []string) []byte {
	dst = appendStrings(append(AppendHeader(dst, h), `,"by":`...), by)

	return appendStrings(append(dst, `,"measures":`...), measures)
}

// AppendMetricWindow appends w as a JSON object.
func AppendMetricWindow(dst []byte, w *MetricWindow) []byte {
	dst = append(append(append(dst, `{"window":"`...), w.Window...), '"')
	dst = strconv.AppendInt(append(dst, `,"end":`...), w.End, 10)

	return append(appendColumns(appendBy(dst, w.By), w.Measures), '}')
}

// AppendMetricSeries appends s as a JSON object.
func AppendMetricSeries(dst []byte, s *MetricSeries) []byte {
	dst = append(append(append(dst, `{"window":"`...), s.Window...), '"')
	dst = appendStrings(append(dst, `,"by":`...), s.By)
	dst = strconv.AppendInt(append(dst, `,"end":`...), s.End, 10)
	dst = strconv.AppendInt(append(dst, `,"slide":`...), s.Slide, 10)
	dst = appendNumbers(append(dst, `,"steps":`...), s.Steps)

	return append(appendColumns(append(dst, `,"measures":`...), s.Measures), '}')
}

func appendStrings(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, text := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, text)
	}

	return append(dst, ']')
}

func appendColumns(dst []byte, columns []Column) []byte {
	dst = append(dst, '[')
	for i := range columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		if columns[i].Sums == nil {
			dst = appendNumbers(dst, columns[i].Counts)
		} else {
			dst = appendAmounts(dst, columns[i].Sums)
		}
	}

	return append(dst, ']')
}

// ParseMetrics reads a message that names its columns. An error names what is
// wrong.
func ParseMetrics(data []byte) (Metrics, error) {
	if out, ok := scanMetrics(data); ok {
		return out, nil
	}

	return unmarshalMetrics(data)
}

// scanMetrics reads the layout that the Append functions write, and says whether
// it was that.
func scanMetrics(data []byte) (Metrics, bool) {
	s := scanner{text: string(data), ok: true}
	out := Metrics{Header: s.header()}
	s.expect(`,"by":`)
	out.By = s.strings()
	s.expect(`,"measures":`)
	out.Measures = s.strings()
	if !s.ok || out.Schema != MetricSchema {
		return Metrics{}, false
	}
	numbers := make([]int64, 0, strings.Count(s.text, ",")+1)
	switch {
	case s.skip(`,"series":[`):
		s.items(func() {
			var series MetricSeries
			series, numbers = s.metricSeries(numbers)
			out.Series = append(out.Series, series)
		})
	case s.skip(`,"days":[`):
		s.items(func() {
			var day MetricDay
			day, numbers = s.metricDay(numbers)
			out.Days = append(out.Days, day)
		})
	default:
		s.expect(`,"windows":[`)
		s.items(func() {
			var window MetricWindow
			window, numbers = s.metricWindow(numbers)
			out.Windows = append(out.Windows, window)
		})
	}
	s.expect("}")
	if !s.ok || s.at != len(s.text) || out.check() != nil {
		return Metrics{}, false
	}

	return out, true
}

func (s *scanner) strings() []string {
	texts := []string{}
	s.expect("[")
	for first := true; s.ok && !s.skip("]"); first = false {
		if !first {
			s.expect(",")
		}
		texts = append(texts, s.string())
	}

	return texts
}

func (s *scanner) metricWindow(numbers []int64) (MetricWindow, []int64) {
	var w MetricWindow
	s.expect(`{"window":`)
	w.Window = s.string()
	s.expect(`,"end":`)
	w.End = s.int64()
	w.By = s.by()
	w.Measures, numbers = s.columns(numbers)
	s.expect("}")

	return w, numbers
}

func (s *scanner) metricSeries(numbers []int64) (MetricSeries, []int64) {
	var out MetricSeries
	s.expect(`{"window":`)
	out.Window = s.string()
	s.expect(`,"by":`)
	out.By = s.strings()
	s.expect(`,"end":`)
	out.End = s.int64()
	s.expect(`,"slide":`)
	out.Slide = s.int64()
	s.expect(`,"steps":`)
	out.Steps, numbers = s.numbers(numbers)
	s.expect(`,"measures":`)
	out.Measures, numbers = s.columns(numbers)
	s.expect("}")

	return out, numbers
}

func (s *scanner) columns(numbers []int64) ([]Column, []int64) {
	columns := []Column{}
	s.expect("[")
	for first := true; s.ok && !s.skip("]"); first = false {
		if !first {
			s.expect(",")
		}
		var c Column
		switch {
		case s.skip("[]"):
		case strings.HasPrefix(s.text[s.at:], `["`):
			c.Sums = s.amounts(0)
		default:
			c.Counts, numbers = s.numbers(numbers)
		}
		columns = append(columns, c)
	}

	return columns, numbers
}

// unmarshalMetrics takes any JSON that says the same, and tells what is wrong with
// the rest.
func unmarshalMetrics(data []byte) (Metrics, error) {
	var raw struct {
		Header
		By       []string `json:"by"`
		Measures []string `json:"measures"`
		Windows  []struct {
			Window   string       `json:"window"`
			End      int64        `json:"end"`
			By       [][]string   `json:"by"`
			Measures []jsonColumn `json:"measures"`
		} `json:"windows"`
		Series []struct {
			Window   string       `json:"window"`
			By       []string     `json:"by"`
			End      int64        `json:"end"`
			Slide    int64        `json:"slide"`
			Steps    []int64      `json:"steps"`
			Measures []jsonColumn `json:"measures"`
		} `json:"series"`
		Days []jsonDay `json:"days"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return Metrics{}, fmt.Errorf("metric message: %w", err)
	}
	if raw.Schema != MetricSchema {
		return Metrics{}, fmt.Errorf("metric message: schema is %d, this version reads %d", raw.Schema, MetricSchema)
	}
	out := Metrics{Header: raw.Header, By: raw.By, Measures: raw.Measures, Days: daysOf(raw.Days)}
	for _, w := range raw.Windows {
		out.Windows = append(out.Windows, MetricWindow{Window: w.Window, End: w.End, By: w.By, Measures: columnsOf(w.Measures)})
	}
	for _, s := range raw.Series {
		out.Series = append(out.Series, MetricSeries{
			Window: s.Window, By: s.By, End: s.End, Slide: s.Slide, Steps: s.Steps, Measures: columnsOf(s.Measures),
		})
	}
	if err := out.check(); err != nil {
		return Metrics{}, fmt.Errorf("metric message: table %s: %w", out.Table, err)
	}

	return out, nil
}

// jsonColumn reads a column of numbers, or of decimal numbers in quotes.
type jsonColumn Column

func (c *jsonColumn) UnmarshalJSON(data []byte) error {
	var counts []int64
	if err := json.Unmarshal(data, &counts); err == nil {
		if len(counts) > 0 {
			c.Counts = counts
		}

		return nil
	}
	if err := json.Unmarshal(data, &c.Sums); err != nil {
		return fmt.Errorf("a column is %.40q, neither whole numbers nor decimal numbers in quotes", data)
	}

	return nil
}

func columnsOf(raw []jsonColumn) []Column {
	columns := make([]Column, len(raw))
	for i := range raw {
		columns[i] = Column(raw[i])
	}

	return columns
}

// check says what is wrong with the shape of the message.
func (m *Metrics) check() error {
	if min(len(m.Windows), 1)+min(len(m.Series), 1)+min(len(m.Days), 1) > 1 {
		return fmt.Errorf("it has more than one of windows, series and days")
	}
	if len(m.Measures) == 0 {
		return fmt.Errorf("it has no measures")
	}
	for i := range m.Windows {
		w := &m.Windows[i]
		if err := m.checkColumns(w.Rows(), len(w.By), w.Measures, lengths(w.By)); err != nil {
			return fmt.Errorf("window %s ending %d: %w", w.Window, w.End, err)
		}
	}
	for i := range m.Series {
		s := &m.Series[i]
		err := m.checkColumns(len(s.Steps), len(s.By), s.Measures, func(func(int) bool) {})
		if err == nil {
			err = checkSteps(s.End, s.Slide, s.Steps)
		}
		if err != nil {
			return fmt.Errorf("series %d of window %s: %w", i, s.Window, err)
		}
	}

	return m.checkDays()
}

func (m *Metrics) checkColumns(rows, by int, measures []Column, lengths iter.Seq[int]) error {
	switch {
	case by != len(m.By):
		return fmt.Errorf("%d dimensions, want %d", by, len(m.By))
	case len(measures) != len(m.Measures):
		return fmt.Errorf("%d measures, want %d", len(measures), len(m.Measures))
	}
	for n := range lengths {
		if n != rows {
			return fmt.Errorf("a dimension of %d rows has %d", rows, n)
		}
	}
	for i := range measures {
		if n := measures[i].Len(); n != 0 && n != rows {
			return fmt.Errorf("measure %s of %d rows has %d", m.Measures[i], rows, n)
		}
	}

	return nil
}

// Column is the position of a named column, -1 where the message has none.
func (m *Metrics) Column(measure string) int { return slices.Index(m.Measures, measure) }
