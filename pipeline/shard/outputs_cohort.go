package shard

import (
	"math"
	"slices"

	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
)

// publish publishes the rows of cohorts that have changed, as they are: once for every
// minute of the clock that has a cut, and in an import once for every day, behind its
// last row, and at its end.
func (c *cohorts) publish() {
	stamp := c.at.clock / minute
	if c.at.imported.open {
		stamp = -1 - c.at.clock/dayMS
	}
	if stamp == c.stamp {
		return
	}
	c.stamp = stamp
	for _, one := range c.all {
		one.publish(c.out, c.at.header(one.Table()), c.cutter.relieve)
	}
}

// due makes the next cut publish.
func (c *cohorts) due() { c.stamp = math.MinInt64 }

// changed says whether rows wait to be published.
func (c *cohorts) changed() bool {
	return slices.ContainsFunc(c.all, func(one *cohort) bool { return len(one.rows.dirty) > 0 })
}

func (c *cohort) publish(out *outputs, h wire.Header, relieve func()) {
	p := dayPacker{of: c.rowsOf, header: h}
	taken := c.rows.take()
	for _, at := range taken {
		row := &c.rows.slab[at]
		p.add(out, row.day, row.by, row.counts)
		relieve()
	}
	p.finish(out)
	for _, at := range taken {
		c.rows.release(at, c.floor)
	}
}

// dayPacker packs rows of a table of days, which come by day, into messages.
type dayPacker struct {
	of     *metric.Metric
	header wire.Header
	buffer []byte // of the message; nil where none is begun
	day    wire.MetricDay
}

// add adds a row whose measures are counts.
func (p *dayPacker) add(out *outputs, day int64, by []string, counts []int64) {
	columns := p.row(out, day, by)
	for i, n := range counts {
		columns[i].Counts = append(columns[i].Counts, n)
	}
}

// row begins a row: each of the columns of measures is to get its value.
func (p *dayPacker) row(out *outputs, day int64, by []string) []wire.Column {
	if rows := p.day.Rows(); rows > 0 && (p.day.Day != day || rows >= windowRows) {
		p.close(out)
	}
	if p.day.Rows() == 0 {
		p.day.Day = day
		p.day.By = emptied(p.day.By, len(p.of.By))
		p.day.Measures = emptiedColumns(p.day.Measures, p.of)
	}
	for i, text := range by {
		p.day.By[i] = append(p.day.By[i], text)
	}

	return p.day.Measures
}

// close writes the open day.
func (p *dayPacker) close(out *outputs) {
	if p.day.Rows() == 0 {
		return
	}
	p.buffer = beginItem(p.buffer, nil, p.header, p.of, `,"days":[`)
	p.buffer = wire.AppendMetricDay(p.buffer, &p.day)
	p.day.Measures = p.day.Measures[:0]
	if len(p.buffer) > messageBytes {
		p.send(out)
	}
}

func (p *dayPacker) finish(out *outputs) {
	p.close(out)
	p.send(out)
}

func (p *dayPacker) send(out *outputs) {
	if p.buffer != nil {
		out.send(p.header, append(p.buffer, `]}`...))
	}
	p.buffer = nil
}
