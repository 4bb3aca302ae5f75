package shard

import (
	"ebb/pipeline/wire"
	"ebb/windows"
)

// This file packs the windows of an import: of each key and length the rows of a
// cut follow each other by the hundred, and go out as series of columns.
//
// Only windows that end for the first time are packed, so each window is in one
// series at most, and what corrects it later, here or live, is a row of its own
// with a higher version: where there is one, it is the truth.

// The columns of a series of the four rollup tables.
const (
	eventsColumn = iota
	customersColumn
	valuesColumn
	seriesColumns
)

// addSeries adds a window's row.
func (r *rollups) addSeries(row *windows.Row, table wire.Table) {
	if r.series.full(row) {
		r.packSeries()
	}
	s := r.series.row(row.Key, seriesColumns, row, r.settings.config.Lengths)
	s.count(eventsColumn, row.Events)
	switch table {
	case wire.Total, wire.Kind:
		s.count(customersColumn, row.Customers)
	case wire.Type:
		s.sum(valuesColumn, row.Sum)
	}
}

// packSeries packs the rows that wait into messages.
func (r *rollups) packSeries() {
	for i := range r.series.open {
		s := &r.series.open[i]
		name := &r.keys.rows[s.key]
		length := &r.settings.config.Lengths[s.length]
		series := wire.Series{
			Window: length.Name, Key: name.name, Currency: name.currency, End: s.begin, Slide: length.Slide, Steps: s.steps,
			Events: padded(s.counts(eventsColumn), len(s.steps)), Customers: s.counts(customersColumn), Values: s.sums(valuesColumn),
		}
		message := &r.messages[tableOf(name.table)]
		if len(message.buffer) > messageBytes {
			r.out.finish(message)
		}
		if message.buffer == nil {
			message.header = r.at.header(name.table)
			message.header.Schema = wire.PackedSchema
			message.buffer = append(wire.AppendHeader(message.room(), message.header), `,"series":[`...)
		} else {
			message.buffer = append(message.buffer, ',')
		}
		message.buffer = wire.AppendSeries(message.buffer, &series)
	}
	for i := range r.messages {
		r.out.finish(&r.messages[i])
	}
	r.series.clear()
}

// room is where the next message of series is written. It grows to what one takes, so
// that messages are not copied again and again while they grow.
func (p *packer) room() []byte {
	if p.spare == nil {
		p.spare = make([]byte, 0, 4<<10)
	}

	return p.spare[:0]
}
