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
	rows    []windows.Row
	next    []int32      // by row: the next one of its series
	open    []openSeries // in the order of their first rows
	index   []int32      // by key and length: the position in open, from 1; 0 for none
	columns wire.Series  // scratch
}

// openSeries is a chain of rows.
type openSeries struct {
	at          int // in index
	first, last int32
	count       int
}

// full says whether to pack the rows that wait before the next one is added.
func (p *seriesPacker) full(row *windows.Row) bool {
	n := len(p.rows)

	return n >= mostSeriesRows || n >= seriesRows && (p.rows[n-1].Length != row.Length || !wire.SameDay(p.rows[n-1].End, row.End))
}

func (p *seriesPacker) add(row windows.Row, lengths int) {
	at := int(row.Key)*lengths + row.Length
	if at >= len(p.index) {
		p.index = append(p.index, make([]int32, at+1-len(p.index))...)
	}
	n := int32(len(p.rows))
	p.rows, p.next = append(p.rows, row), append(p.next, 0)
	if i := p.index[at]; i > 0 {
		series := &p.open[i-1]
		if wire.SameDay(p.rows[series.last].End, row.End) {
			p.next[series.last] = n
			series.last = n
			series.count++

			return
		}
	}
	p.open = append(p.open, openSeries{at: at, first: n, last: n, count: 1})
	p.index[at] = int32(len(p.open))
}

// clear forgets the rows.
func (p *seriesPacker) clear() {
	for i := range p.open {
		p.index[p.open[i].at] = 0
	}
	p.rows, p.next, p.open = p.rows[:0], p.next[:0], p.open[:0]
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
func (s *Shard) packSeries() {
	p := &s.series
	var messages [4]packer
	for i := range p.open {
		row := &p.rows[p.open[i].first]
		name := &s.keys.rows[row.Key]
		length := &s.config.Lengths[row.Length]
		series := p.series(&p.open[i], name.table, length.Slide)
		series.Window, series.Key, series.Currency = length.Name, name.name, name.currency
		message := &messages[tableOf(name.table)]
		if len(message.buffer) > messageBytes {
			s.out.finish(message)
		}
		if message.buffer == nil {
			message.header = s.header(name.table)
			message.header.Schema = wire.PackedSchema
			message.buffer = append(wire.AppendHeader(make([]byte, 0, 4<<10), message.header), `,"series":[`...)
		} else {
			message.buffer = append(message.buffer, ',')
		}
		message.buffer = wire.AppendSeries(message.buffer, &series)
	}
	for i := range messages {
		s.out.finish(&messages[i])
	}
	p.clear()
}
