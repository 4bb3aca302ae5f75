package shard

import (
	"bytes"
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
	at       *place
	config   *meaning.Config
	keys     *keys
	out      *outputs
	open     joined          // the row whose keys are coming
	live     []*metricPacker // as the registry orders them, whichever was counted first since the last restart
	series   gathering
	messages map[*measured]*metricMessage // of series
}

// joined is a row of a metric, of one window.
type joined struct {
	name   *keyName // of its base; nil where none is open
	length int
	end    int64
	series *openSeries // that it is added to, where it is of an import and comes for the first time; else nil
	cells  [metric.MaxSlots]cell
}

// cell is what a slot holds.
type cell struct {
	events int64
	sum    amount.Amount
}

// add takes a window's row of one key. Those of a metric's row come one behind the
// other; what does not come is 0.
func (r *metricRows) add(row *windows.Row, name *keyName, first bool) {
	o := &r.open
	if o.name == nil || o.name.base != name.base || o.length != row.Length || o.end != row.End {
		r.begin(row, name, first)
	}
	slot := row.Key - name.base
	if o.series == nil {
		o.cells[slot] = cell{row.Events, amount.Amount(row.Sum)}

		return
	}
	columns := &name.measured.columns[slot]
	if columns.count >= 0 {
		o.series.count(int(columns.count), row.Events)
	}
	if columns.sum >= 0 {
		o.series.sum(int(columns.sum), row.Sum)
	}
}

// begin opens a row.
func (r *metricRows) begin(row *windows.Row, name *keyName, first bool) {
	r.close()
	o := &r.open
	o.name, o.length, o.end, o.series = name, row.Length, row.End, nil
	if !first {
		clear(o.cells[:name.measured.width])

		return
	}
	if r.series.full(row) {
		r.packSeries()
	}
	o.series = r.series.row(name.base, len(name.measured.Measures), row, r.config.Lengths)
}

// close packs the open row, or leaves it to its series.
func (r *metricRows) close() {
	if o := &r.open; o.name != nil && o.series == nil {
		r.packer(o.name.measured).add(r.out, o, r.at.header(o.name.table), r.config.Lengths[o.length].Name)
	}
	r.open.name = nil
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
func (r *metricRows) finish() {
	r.close()
	for _, p := range r.live {
		p.finish(r.out)
	}
	r.packSeries()
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

func (p *metricPacker) add(out *outputs, o *joined, h wire.Header, window string) {
	if rows := p.window.Rows(); rows > 0 && (p.window.Window != window || p.window.End != o.end || rows >= windowRows) {
		p.close(out)
	}
	if p.window.Rows() == 0 {
		p.window.Window, p.window.End = window, o.end
		p.window.By = emptied(p.window.By, len(p.of.By))
		p.window.Measures = emptiedColumns(p.window.Measures, p.of.Metric)
		p.header = h
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
	p.buffer = beginItem(p.buffer, nil, p.header, p.of.Metric, `,"windows":[`)
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

// beginItem begins a message, in some memory if there is any, or the next item of one.
func beginItem(buffer, room []byte, h wire.Header, m *metric.Metric, items string) []byte {
	if buffer != nil {
		return append(buffer, ',')
	}
	h.Schema = wire.MetricSchema
	if room == nil {
		room = make([]byte, 0, 1<<10)
	}

	return append(wire.AppendMetricHeader(room, h, m.Dimensions(), m.Columns()), items...)
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

// packSeries packs the rows of an import that wait into messages.
func (r *metricRows) packSeries() {
	if r.series.rows == 0 {
		return
	}
	if r.messages == nil {
		r.messages = make(map[*measured]*metricMessage)
	}
	var order []*metricMessage // with rows
	var columns []wire.Column  // scratch
	for i := range r.series.open {
		s := &r.series.open[i]
		name := &r.keys.rows[s.key]
		m := name.measured
		message := r.messages[m]
		if message == nil {
			message = &metricMessage{}
			r.messages[m] = message
		}
		if !message.begun {
			message.header, message.begun = r.at.header(name.table), true
			order = append(order, message)
		}
		length := &r.config.Lengths[s.length]
		columns = s.appendColumns(columns[:0], m.Metric)
		series := wire.MetricSeries{
			Window: length.Name, By: name.by, End: s.begin, Slide: length.Slide, Steps: s.steps, Measures: columns,
		}
		message.buffer = wire.AppendMetricSeries(beginItem(message.buffer, message.spare, message.header, m.Metric, `,"series":[`), &series)
		if len(message.buffer) > messageBytes {
			message.send(r.out)
		}
	}
	kept := 0
	for _, message := range order {
		message.send(r.out)
		message.begun = false
		kept += cap(message.spare)
	}
	if kept > keptBytes {
		r.messages = nil
	}
	r.series.clear()
}

// appendColumns appends the columns of a metric's measures. The first one is never left
// out, and of the others those that are 0 everywhere are.
func (s *openSeries) appendColumns(columns []wire.Column, m *metric.Metric) []wire.Column {
	for i, measure := range m.Measures {
		var c wire.Column
		if measure.Sum {
			c.Sums = s.sums(i)
		} else {
			c.Counts = s.counts(i)
		}
		if i == 0 && c.Len() == 0 {
			c.Counts = make([]int64, len(s.steps))
		}
		columns = append(columns, c)
	}

	return columns
}

// metricMessage is a message of series on its way. It is written in memory that grows
// to what one takes, and then copied.
type metricMessage struct {
	header wire.Header
	begun  bool
	buffer []byte // nil where none is begun
	spare  []byte
}

func (m *metricMessage) send(out *outputs) {
	if m.buffer != nil {
		data := append(m.buffer, `]}`...)
		out.send(m.header, bytes.Clone(data))
		m.spare = data[:0]
	}
	m.buffer = nil
}
