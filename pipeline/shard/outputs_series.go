package shard

import (
	"ebb/pipeline/amount"
	"ebb/pipeline/wire"
	"ebb/windows"
)

// This file packs the windows of an import: of each key and length the rows of a
// cut follow each other by the hundred, and go out as series of columns.
//
// Only windows that end for the first time are packed, so each window is in one
// series at most, and what corrects it later, here or live, is a row of its own
// with a higher version: where there is one, it is the truth.

// seriesRows is from how many rows on those that wait are packed, at the next day
// of window ends: rows come by length and end, so there is one series of a length,
// day and key in a cut. Only where a day alone has more than mostSeriesRows, of
// many keys, there are several, one behind the other.
const (
	seriesRows     = 16 << 10
	mostSeriesRows = 64 << 10
)

// seriesPacker holds the rows of a cut by key and length.
type seriesPacker struct {
	chains
	rows    []windows.Row
	columns wire.Series // scratch
}

// chains links rows, which are numbered as they come, to series: those of one key
// and length whose ends lie in one day.
type chains struct {
	next  []int32      // by row: the next one of its series
	open  []openSeries // in the order of their first rows
	index []int32      // by key and length: the position in open, from 1; 0 for none
}

// openSeries is a chain of rows.
type openSeries struct {
	at          int // in index
	first, last int32
	end         int64 // of the last row
	count       int
}

// full says whether to pack the rows that wait before the next one is added.
func (p *seriesPacker) full(row *windows.Row) bool {
	n := len(p.rows)

	return n >= mostSeriesRows || n >= seriesRows && (p.rows[n-1].Length != row.Length || !wire.SameDay(p.rows[n-1].End, row.End))
}

func (p *seriesPacker) add(row windows.Row, lengths int) {
	p.rows = append(p.rows, row)
	p.link(int(row.Key)*lengths+row.Length, row.End)
}

// link adds the next row, of a key and length, which are a number together.
func (c *chains) link(at int, end int64) {
	if at >= len(c.index) {
		c.index = append(c.index, make([]int32, at+1-len(c.index))...)
	}
	n := int32(len(c.next))
	c.next = append(c.next, 0)
	if i := c.index[at]; i > 0 {
		series := &c.open[i-1]
		if wire.SameDay(series.end, end) {
			c.next[series.last] = n
			series.last, series.end = n, end
			series.count++

			return
		}
	}
	c.open = append(c.open, openSeries{at: at, first: n, last: n, end: end, count: 1})
	c.index[at] = int32(len(c.open))
}

// unlink forgets the rows.
func (c *chains) unlink() {
	for i := range c.open {
		c.index[c.open[i].at] = 0
	}
	c.next, c.open = c.next[:0], c.open[:0]
}

// clear forgets the rows.
func (p *seriesPacker) clear() {
	p.unlink()
	p.rows = p.rows[:0]
}

// series makes the columns of a series. They are used again for the next one.
func (p *seriesPacker) series(series *openSeries, table wire.Table, slide int64) wire.Series {
	c := &p.columns
	c.Steps, c.Events, c.Customers, c.Values = c.Steps[:0], c.Events[:0], c.Customers[:0], c.Values[:0]
	var customers, values bool // whether there are any
	end := p.rows[series.first].End
	for n, left := series.first, series.count; left > 0; n, left = p.next[n], left-1 {
		row := &p.rows[n]
		c.Steps = append(c.Steps, (row.End-end)/slide)
		c.Events = append(c.Events, row.Events)
		end = row.End
		switch table {
		case wire.Total, wire.Kind:
			c.Customers = append(c.Customers, row.Customers)
			customers = customers || row.Customers != 0
		case wire.Type:
			value := amount.Amount(row.Sum)
			c.Values = append(c.Values, value)
			values = values || value != amount.Amount{}
		}
	}
	out := wire.Series{End: p.rows[series.first].End, Slide: slide, Steps: c.Steps, Events: c.Events}
	if customers {
		out.Customers = c.Customers
	}
	if values {
		out.Values = c.Values
	}

	return out
}

// packSeries packs the rows that wait into messages.
func (r *rollups) packSeries() {
	p := &r.series
	var messages [4]packer
	for i := range p.open {
		row := &p.rows[p.open[i].first]
		name := &r.keys.rows[row.Key]
		length := &r.settings.config.Lengths[row.Length]
		series := p.series(&p.open[i], name.table, length.Slide)
		series.Window, series.Key, series.Currency = length.Name, name.name, name.currency
		message := &messages[tableOf(name.table)]
		if len(message.buffer) > messageBytes {
			r.out.finish(message)
		}
		if message.buffer == nil {
			message.header = r.at.header(name.table)
			message.header.Schema = wire.PackedSchema
			message.buffer = append(wire.AppendHeader(make([]byte, 0, 4<<10), message.header), `,"series":[`...)
		} else {
			message.buffer = append(message.buffer, ',')
		}
		message.buffer = wire.AppendSeries(message.buffer, &series)
	}
	for i := range messages {
		r.out.finish(&messages[i])
	}
	p.clear()
}
