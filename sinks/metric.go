package sinks

import (
	"fmt"
	"slices"

	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
)

// MetricRows is rows of a metric's table, by column. A row is the same as another
// with the same era, window, end, partition and dimensions. Of a table of days the
// window is "", and the end the midnight in UTC at which a day of its name begins.
type MetricRows struct {
	Window    []string
	End       []int64 // Unix ms, exclusive
	Partition []uint16
	Version   []uint64
	Clock     []int64         // Unix ms
	Era       []int64         // Unix ms; when the input stream was made
	By        [][]string      // by dimension
	Measures  [][]wire.Number // by measure: a count, or a sum in millionths
}

// MetricSeries is rows of a metric's table for windows of one length and the same
// dimensions that ended for the first time in one cut, as Series is of a rollup
// table.
type MetricSeries struct {
	Partition int
	Version   uint64
	Clock     int64 // Unix ms
	Era       int64 // Unix ms; when the input stream was made
	wire.MetricSeries
}

// MetricRow is one row.
type MetricRow struct {
	Window    string
	End       int64
	Partition uint16
	Version   uint64
	Clock     int64
	Era       int64
	By        []string
	Measures  []wire.Number
}

// Len is how many rows there are.
func (r *MetricRows) Len() int { return len(r.Window) }

// Row is one of the rows.
func (r *MetricRows) Row(i int) MetricRow {
	row := MetricRow{
		Window: r.Window[i], End: r.End[i], Partition: r.Partition[i], Version: r.Version[i], Clock: r.Clock[i], Era: r.Era[i],
	}
	for _, column := range r.By {
		row.By = append(row.By, column[i])
	}
	for _, column := range r.Measures {
		row.Measures = append(row.Measures, column[i])
	}

	return row
}

// Append adds a row, with as many dimensions and measures as the others have.
func (r *MetricRows) Append(row MetricRow) {
	r.shape(len(row.By), len(row.Measures))
	r.Window, r.End, r.Partition = append(r.Window, row.Window), append(r.End, row.End), append(r.Partition, row.Partition)
	r.Version, r.Clock, r.Era = append(r.Version, row.Version), append(r.Clock, row.Clock), append(r.Era, row.Era)
	for i, text := range row.By {
		r.By[i] = append(r.By[i], text)
	}
	for i, n := range row.Measures {
		r.Measures[i] = append(r.Measures[i], n)
	}
}

// shape makes the columns.
func (r *MetricRows) shape(by, measures int) {
	if r.By == nil && r.Measures == nil {
		r.By, r.Measures = make([][]string, by), make([][]wire.Number, measures)
	}
}

// Unfold yields the rows of a series.
func (s *MetricSeries) Unfold(use func(MetricRow)) {
	for i, end := range s.Ends() {
		row := MetricRow{
			Window: s.Window, End: end, Partition: uint16(s.Partition), Version: s.Version, Clock: s.Clock, Era: s.Era,
			By: s.By, Measures: make([]wire.Number, len(s.Measures)),
		}
		for m := range s.Measures {
			row.Measures[m] = s.Measures[m].At(i)
		}
		use(row)
	}
}

// Day is how many ms a day of UTC has.
const Day = 86_400_000

// metrics are the metrics of the batch, by whose place Metrics and MetricSeries are
// ordered.
func (b *Batch) metrics() []*metric.Metric {
	if b.registry == nil {
		b.registry = metric.Tables()
		b.Metrics = append(b.Metrics, make([]MetricRows, len(b.registry)-len(b.Metrics))...)
		b.MetricSeries = append(b.MetricSeries, make([][]MetricSeries, len(b.registry)-len(b.MetricSeries))...)
	}

	return b.registry
}

// addMetric appends the rows of a message. Columns go by their names: a dimension
// that it lacks is "", a measure 0, and what this version does not know is left out.
func (b *Batch) addMetric(at int, of *metric.Metric, data []byte) error {
	message, err := wire.ParseMetrics(data)
	if err != nil {
		return err
	}
	by, measures, err := places(of, &message)
	if err != nil {
		return err
	}
	for i := range message.Series {
		s := &message.Series[i]
		next := MetricSeries{Partition: message.Partition, Version: message.Version, Clock: message.Clock, Era: message.Era, MetricSeries: *s}
		next.By, next.Measures = pick(s.By, by), pick(s.Measures, measures)
		b.MetricSeries[at] = append(b.MetricSeries[at], next)
	}
	rows := &b.Metrics[at]
	rows.shape(len(of.By), len(of.Measures))
	for i := range message.Windows {
		rows.add(&message, &message.Windows[i], by, measures)
	}
	for i := range message.Days {
		d := &message.Days[i]
		if !wire.IsDay(d.Day) {
			return fmt.Errorf("message: table %s: day is %d, outside the years 1970 to 2200", message.Table, d.Day)
		}
		rows.add(&message, &wire.MetricWindow{End: d.Day * Day, By: d.By, Measures: d.Measures}, by, measures)
	}

	return nil
}

// places are where a metric's dimensions and measures stand in a message, -1 where
// they don't.
func places(of *metric.Metric, m *wire.Metrics) (by, measures []int, err error) {
	for _, d := range of.By {
		by = append(by, slices.Index(m.By, d.Name))
	}
	for _, measure := range of.Measures {
		at := m.Column(measure.Name)
		measures = append(measures, at)
		if at < 0 {
			continue
		}
		wrong := func(c *wire.Column) bool { return c.Counts != nil && measure.Sum || c.Sums != nil && !measure.Sum }
		for i := range m.Windows {
			if wrong(&m.Windows[i].Measures[at]) {
				return nil, nil, fmt.Errorf("message: table %s: measure %s is %s", m.Table, measure.Name, kindOf(!measure.Sum))
			}
		}
		for i := range m.Days {
			if wrong(&m.Days[i].Measures[at]) {
				return nil, nil, fmt.Errorf("message: table %s: measure %s is %s", m.Table, measure.Name, kindOf(!measure.Sum))
			}
		}
		for i := range m.Series {
			if wrong(&m.Series[i].Measures[at]) {
				return nil, nil, fmt.Errorf("message: table %s: measure %s is %s", m.Table, measure.Name, kindOf(!measure.Sum))
			}
		}
	}

	return by, measures, nil
}

func kindOf(sum bool) string {
	if sum {
		return "decimal numbers in quotes, want whole numbers"
	}

	return "whole numbers, want decimal numbers in quotes"
}

// pick takes the columns at places.
func pick[T any](columns []T, places []int) []T {
	out := make([]T, len(places))
	for i, at := range places {
		if at >= 0 {
			out[i] = columns[at]
		}
	}

	return out
}

// add appends the rows of a window.
func (r *MetricRows) add(m *wire.Metrics, w *wire.MetricWindow, by, measures []int) {
	n := w.Rows()
	r.Window = append(r.Window, slices.Repeat([]string{w.Window}, n)...)
	r.End = append(r.End, slices.Repeat([]int64{w.End}, n)...)
	r.Partition = append(r.Partition, slices.Repeat([]uint16{uint16(m.Partition)}, n)...)
	r.Version = append(r.Version, slices.Repeat([]uint64{m.Version}, n)...)
	r.Clock = append(r.Clock, slices.Repeat([]int64{m.Clock}, n)...)
	r.Era = append(r.Era, slices.Repeat([]int64{m.Era}, n)...)
	for i, texts := range pick(w.By, by) {
		r.By[i] = append(r.By[i], texts...)
		r.By[i] = append(r.By[i], make([]string, n-len(texts))...)
	}
	for i, column := range pick(w.Measures, measures) {
		for row := range n {
			r.Measures[i] = append(r.Measures[i], column.At(row))
		}
	}
}

// checkMetrics is Check of the rows of metrics.
func (b *Batch) checkMetrics() error {
	for i, m := range b.metrics() {
		for row := range b.Metrics[i].Len() {
			if err := b.Metrics[i].check(m, row); err != nil {
				return Refuse(string(m.Table()), err)
			}
		}
		if err := first(m.Table(), b.MetricSeries[i], func(s *MetricSeries) error { return s.check(m) }); err != nil {
			return err
		}
	}

	return nil
}

// siftMetrics takes out what checkMetrics refuses.
func (b *Batch) siftMetrics() {
	for i, m := range b.metrics() {
		var kept MetricRows
		rows := &b.Metrics[i]
		for row := range rows.Len() {
			if rows.check(m, row) == nil {
				kept.Append(rows.Row(row))
			}
		}
		if kept.Len() < rows.Len() {
			b.Metrics[i] = kept
		}
		b.MetricSeries[i] = sift(b.MetricSeries[i], func(s *MetricSeries) error { return s.check(m) })
	}
}

func (r *MetricRows) check(m *metric.Metric, row int) error {
	switch {
	case m.Daily() && (r.Window[row] != "" || r.End[row]%Day != 0):
		return fmt.Errorf("window is %q to %d, not a day", r.Window[row], r.End[row])
	case !m.Daily() && !known(r.Window[row]):
		return fmt.Errorf("window is %q, not one of %q", r.Window[row], Windows())
	}
	for i := range r.By {
		if err := checkText(m.By[i].Name, r.By[i][row]); err != nil {
			return err
		}
	}
	for i := range r.Measures {
		if n := r.Measures[i][row]; !m.Measures[i].Sum && !n.Count() {
			return fmt.Errorf("%s is %d, not a count", m.Measures[i].Name, int64(n.Lo))
		}
	}

	return firstError(checkTime("end", r.End[row]), checkTime("clock", r.Clock[row]), checkTime("era", r.Era[row]))
}

func (s *MetricSeries) check(m *metric.Metric) error {
	if m.Daily() {
		return fmt.Errorf("series of window %q, in a table of days", s.Window)
	}
	if !known(s.Window) {
		return fmt.Errorf("window is %q, not one of %q", s.Window, Windows())
	}
	for i := range s.By {
		if err := checkText(m.By[i].Name, s.By[i]); err != nil {
			return err
		}
	}
	for i := range s.Measures {
		if counts := s.Measures[i].Counts; len(counts) > 0 && slices.Min(counts) < 0 {
			return fmt.Errorf("%s is %d, below 0", m.Measures[i].Name, slices.Min(counts))
		}
	}

	return firstError(checkPartition(s.Partition), checkTime("end", s.End), checkTime("end", s.LastEnd()),
		checkTime("clock", s.Clock), checkTime("era", s.Era))
}

// splitMetrics is Halves of the rows of metrics.
func (b *Batch) splitMetrics(first, second *Batch, room *int) {
	for i := range b.metrics() {
		first.metrics()
		second.metrics()
		rows := &b.Metrics[i]
		n := min(*room, rows.Len())
		*room -= n
		first.Metrics[i], second.Metrics[i] = rows.part(0, n), rows.part(n, rows.Len())
		first.MetricSeries[i], second.MetricSeries[i] = split(b.MetricSeries[i], room)
	}
}

// part is some of the rows, which share the memory.
func (r *MetricRows) part(from, to int) MetricRows {
	out := MetricRows{
		Window: r.Window[from:to:to], End: r.End[from:to:to], Partition: r.Partition[from:to:to],
		Version: r.Version[from:to:to], Clock: r.Clock[from:to:to], Era: r.Era[from:to:to],
	}
	out.shape(len(r.By), len(r.Measures))
	for i := range r.By {
		out.By[i] = r.By[i][from:to:to]
	}
	for i := range r.Measures {
		out.Measures[i] = r.Measures[i][from:to:to]
	}

	return out
}
