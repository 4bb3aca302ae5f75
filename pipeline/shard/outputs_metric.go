package shard

import (
	"cmp"
	"slices"

	"ebb/pipeline/amount"
	"ebb/pipeline/meaning"
	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/windows"
)

// This file packs the rows of metrics into messages: live ones by window, those of
// an import into series, as outputs_series.go does for the other tables.

// metricRows joins the keys of a cut's windows to rows and packs them.
type metricRows struct {
	config *meaning.Config
	open   joined          // the row whose keys are coming
	live   []*metricPacker // as the registry orders them, whichever was counted first since the last restart
	series metricSeries
}

// joined is a row of a metric, of one window.
type joined struct {
	name   *keyName // of its base; nil where none is open
	header wire.Header
	length int
	end    int64
	first  bool // it is of an import, and comes for the first time
	cells  [metric.MaxSlots]cell
}

// cell is what a slot holds.
type cell struct {
	events int64
	sum    amount.Amount
}

// add takes a window's row of one key. Those of a metric's row come one behind the
// other; what does not come is 0.
func (r *metricRows) add(out *outputs, h wire.Header, config *meaning.Config, row windows.Row, name *keyName, first bool) {
	r.config = config
	o := &r.open
	if o.name == nil || o.name.measured != name.measured || o.name.base != name.base || o.length != row.Length || o.end != row.End {
		r.close(out)
		*o = joined{name: name, header: h, length: row.Length, end: row.End, first: first}
	}
	o.cells[row.Key-name.base] = cell{row.Events, amount.Amount(row.Sum)}
}

// close packs the open row.
func (r *metricRows) close(out *outputs) {
	o := &r.open
	switch {
	case o.name == nil:
		return
	case o.first:
		if r.series.full(o) {
			r.series.pack(out, r.config)
		}
		r.series.add(o, len(r.config.Lengths))
	default:
		r.packer(o.name.measured).add(out, o, r.config.Lengths[o.length].Name)
	}
	o.name = nil
}

// packer is the live packer of a metric.
func (r *metricRows) packer(m *measured) *metricPacker {
	for _, p := range r.live {
		if p.of == m {
			return p
		}
	}
	p := &metricPacker{of: m}
	r.live = append(r.live, p)
	slices.SortFunc(r.live, func(a, b *metricPacker) int { return cmp.Compare(a.of.place, b.of.place) })

	return p
}

// finish packs what is open.
func (r *metricRows) finish(out *outputs) {
	r.close(out)
	for _, p := range r.live {
		p.finish(out)
	}
	if r.config != nil {
		r.series.pack(out, r.config)
	}
}

// metricPacker packs rows of one metric window by window.
type metricPacker struct {
	of     *measured
	header wire.Header
	buffer []byte // of the message; nil where none is begun
	window wire.MetricWindow
}

// windowRows is how many rows of a window stand together at most, so that a
// message never becomes too large.
const windowRows = 1000

func (p *metricPacker) add(out *outputs, o *joined, window string) {
	if rows := p.window.Rows(); rows > 0 && (p.window.Window != window || p.window.End != o.end || rows >= windowRows) {
		p.close(out)
	}
	if p.window.Rows() == 0 {
		p.window.Window, p.window.End = window, o.end
		p.window.By = emptied(p.window.By, len(p.of.By))
		p.window.Measures = emptiedColumns(p.window.Measures, p.of.Metric)
		p.header = o.header
	}
	for i, text := range o.name.by {
		p.window.By[i] = append(p.window.By[i], text)
	}
	appendCells(p.window.Measures, p.of.Metric, o.cells[:])
}

// close writes the open window.
func (p *metricPacker) close(out *outputs) {
	if p.window.Rows() == 0 {
		return
	}
	p.buffer = beginItem(p.buffer, p.header, p.of.Metric, `,"windows":[`)
	p.buffer = wire.AppendMetricWindow(p.buffer, &p.window)
	p.window.Measures = p.window.Measures[:0]
	if len(p.buffer) > messageBytes {
		p.send(out)
	}
}

func (p *metricPacker) finish(out *outputs) {
	p.close(out)
	p.send(out)
}

func (p *metricPacker) send(out *outputs) {
	if p.buffer != nil {
		out.send(p.header, append(p.buffer, `]}`...))
	}
	p.buffer = nil
}

// beginItem begins a message, or the next item of one.
func beginItem(buffer []byte, h wire.Header, m *metric.Metric, items string) []byte {
	if buffer != nil {
		return append(buffer, ',')
	}
	h.Schema = wire.MetricSchema

	return append(wire.AppendMetricHeader(make([]byte, 0, 1<<10), h, m.Dimensions(), m.Columns()), items...)
}

// send queues a message of a rollup table.
func (o *outputs) send(h wire.Header, data []byte) {
	o.rollups = append(o.rollups, Message{Subject: rollupSubject(h.Table, h.Partition), Data: data})
	o.bytes += len(data)
}

// emptied is n empty columns, in the memory of others.
func emptied(columns [][]string, n int) [][]string {
	if cap(columns) < n {
		columns = make([][]string, n)
	}
	columns = columns[:n]
	for i := range columns {
		columns[i] = columns[i][:0]
	}

	return columns
}

// emptiedColumns is an empty column for each measure, in the memory of others.
func emptiedColumns(columns []wire.Column, m *metric.Metric) []wire.Column {
	n := len(m.Measures)
	if cap(columns) < n {
		columns = make([]wire.Column, n)
	}
	columns = columns[:n]
	for i, measure := range m.Measures { // the other kind is nil: it is how a column says what it is
		if c := &columns[i]; measure.Sum {
			c.Counts, c.Sums = nil, c.Sums[:0]
		} else {
			c.Counts, c.Sums = c.Counts[:0], nil
		}
	}

	return columns
}

// appendCells appends a row to the columns of a metric's measures.
func appendCells(columns []wire.Column, m *metric.Metric, cells []cell) {
	for i, measure := range m.Measures {
		if c := &cells[measure.Slot]; measure.Sum {
			columns[i].Sums = append(columns[i].Sums, c.sum)
		} else {
			columns[i].Counts = append(columns[i].Counts, c.events)
		}
	}
}

// metricSeries holds the rows of an import's cut by base key and length.
type metricSeries struct {
	chains
	rows    []metricRow
	cells   []cell // those of a row follow each other
	columns []wire.Column
	steps   []int64
}

type metricRow struct {
	name   *keyName
	header wire.Header
	length int
	end    int64
	cells  int // where they begin
}

// full says whether to pack the rows that wait before the next one is added.
func (p *metricSeries) full(o *joined) bool {
	n := len(p.rows)
	if n < seriesRows {
		return false
	}
	last := &p.rows[n-1]

	return n >= mostSeriesRows || last.length != o.length || !wire.SameDay(last.end, o.end)
}

func (p *metricSeries) add(o *joined, lengths int) {
	p.rows = append(p.rows, metricRow{name: o.name, header: o.header, length: o.length, end: o.end, cells: len(p.cells)})
	p.cells = append(p.cells, o.cells[:o.name.measured.width]...)
	p.link(int(o.name.base)*lengths+o.length, o.end)
}

// pack packs the rows that wait into messages.
func (p *metricSeries) pack(out *outputs, config *meaning.Config) {
	if len(p.rows) == 0 {
		return
	}
	messages := make(map[*measured]*metricMessage)
	var order []*metricMessage
	for i := range p.open {
		first := &p.rows[p.open[i].first]
		m := first.name.measured
		message := messages[m]
		if message == nil {
			message = &metricMessage{header: first.header}
			messages[m], order = message, append(order, message)
		}
		series := p.series(&p.open[i], config.Lengths[first.length])
		message.buffer = wire.AppendMetricSeries(beginItem(message.buffer, first.header, m.Metric, `,"series":[`), &series)
		if len(message.buffer) > messageBytes {
			message.send(out)
		}
	}
	for _, message := range order {
		message.send(out)
	}
	p.unlink()
	p.rows, p.cells = p.rows[:0], p.cells[:0]
}

// series makes the columns of a series. They are used again for the next one.
func (p *metricSeries) series(of *openSeries, length windows.Length) wire.MetricSeries {
	first := &p.rows[of.first]
	m := first.name.measured
	p.columns, p.steps = emptiedColumns(p.columns, m.Metric), p.steps[:0]
	end := first.end
	for n, left := of.first, of.count; left > 0; n, left = p.next[n], left-1 {
		row := &p.rows[n]
		p.steps = append(p.steps, (row.end-end)/length.Slide)
		end = row.end
		appendCells(p.columns, m.Metric, p.cells[row.cells:row.cells+m.width])
	}
	columns := make([]wire.Column, len(p.columns))
	for i := range p.columns {
		if i == 0 || filled(&p.columns[i]) {
			columns[i] = p.columns[i]
		}
	}

	return wire.MetricSeries{
		Window: length.Name, By: first.name.by, End: first.end, Slide: length.Slide, Steps: p.steps, Measures: columns,
	}
}

// filled says whether a column is other than 0 anywhere.
func filled(c *wire.Column) bool {
	for _, n := range c.Counts {
		if n != 0 {
			return true
		}
	}
	for _, sum := range c.Sums {
		if sum != (amount.Amount{}) {
			return true
		}
	}

	return false
}

// metricMessage is a message of series on its way.
type metricMessage struct {
	header wire.Header
	buffer []byte
}

func (m *metricMessage) send(out *outputs) {
	if m.buffer != nil {
		out.send(m.header, append(m.buffer, `]}`...))
	}
	m.buffer = nil
}
