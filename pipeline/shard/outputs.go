package shard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/wire"
	"ebb/windows"
)

// messageBytes is about how large a message of rows may become: well below
// the server's limit of 1 MiB, and large enough that a row costs little.
const messageBytes = 192 << 10

// minute is the rhythm, by the clock, of the levels and pipeline rows.
const minute = 60_000

// outputs gathers what a shard will publish at its next cut.
type outputs struct {
	rollups []Message
	late    []Message
	letters []Message
	signals []wire.Signal
	reports []fact.StatisticsReport
	feed    []wire.FeedRow // also in rollups
	joins   []fact.JoinMark
	moves   []fact.MoveMark
	bytes   int       // of all of these, about
	packers [4]packer // of the four rollup tables
	err     error
}

// packer packs the rows of one table into messages. Rows come by window, end
// and key, so that those of one window stand together.
type packer struct {
	header wire.Header
	buffer []byte // of the message; nil where none is begun
	spare  []byte // where messages of an import are written before they are copied; nil for others
	window int    // index of the open window's length; its end is beside
	end    int64
}

// tableOf is the index of a table's packer.
func tableOf(table wire.Table) int {
	switch table {
	case wire.Total:
		return 0
	case wire.Kind:
		return 1
	case wire.Channel:
		return 2
	default:
		return 3
	}
}

// emit publishes the windows that have ended or were corrected.
func (r *rollups) emit() {
	for i, table := range wire.RollupTables() {
		r.out.packers[i] = packer{header: r.at.header(table)}
	}
	r.metrics.at, r.metrics.config, r.metrics.keys, r.metrics.out = r.at, &r.settings.config, r.keys, r.out
	emitted, _ := r.windows.Clock()
	imported := r.at.imported.open
	past := r.expired.past(emitted)
	r.windows.AdvancePast(past, r.at.clock, func(row *windows.Row) {
		first := row.End > emitted
		if (past == nil || !first) && !r.expired.keeps(row) {
			return
		}
		r.cutter.relieve()
		name := &r.keys.rows[row.Key]
		if name.measured != nil {
			if name.measured.retired {
				return // of a metric that this program does not have
			}
			r.metrics.add(row, name, imported && first)

			return
		}
		if imported && first {
			r.addSeries(row, name.table)

			return
		}
		r.out.pack(&r.out.packers[tableOf(name.table)], r.settings.config.Lengths[row.Length].Name, row, name)
	})
	for i := range r.out.packers {
		r.out.finish(&r.out.packers[i])
	}
	r.packSeries()
	r.metrics.finish()
	if !imported {
		r.metrics.series, r.series, r.metrics.messages, r.messages = gathering{}, gathering{}, nil, [4]packer{} // what an import needed is not kept for live events
	}
}

func (p *place) header(table wire.Table) wire.Header {
	return wire.Header{
		Schema:    wire.Schema,
		Table:     table,
		Partition: p.partition,
		Version:   p.sequence,
		Clock:     p.clock,
		Era:       p.era,
	}
}

func (o *outputs) pack(p *packer, window string, row *windows.Row, name *keyName) {
	if len(p.buffer) > messageBytes {
		o.finish(p)
	}
	switch {
	case p.buffer == nil:
		p.buffer = make([]byte, 0, 1<<10)
		p.buffer = wire.AppendHeader(p.buffer, p.header)
		p.buffer = append(p.buffer, `,"windows":[`...)
		p.buffer = wire.AppendWindow(p.buffer, window, row.End)
	case p.window != row.Length || p.end != row.End:
		p.buffer = append(p.buffer, `]},`...)
		p.buffer = wire.AppendWindow(p.buffer, window, row.End)
	default:
		p.buffer = append(p.buffer, ',')
	}
	p.window, p.end = row.Length, row.End
	p.buffer = wire.AppendRow(p.buffer, p.header.Table, wire.Row{
		Key:       name.name,
		Currency:  name.currency,
		Events:    row.Events,
		Customers: row.Customers,
		Value:     amount.Amount(row.Sum),
	})
}

func (o *outputs) finish(p *packer) {
	if p.buffer == nil {
		return
	}
	end := `]}]}`
	if p.header.Schema == wire.PackedSchema {
		end = `]}`
	}
	data := append(p.buffer, end...)
	if p.spare != nil {
		p.spare, data = data, bytes.Clone(data)
	}
	o.rollups = append(o.rollups, Message{Subject: rollupSubject(p.header.Table, p.header.Partition), Data: data})
	o.bytes += len(p.buffer)
	p.buffer = nil
}

func rollupSubject(table wire.Table, partition int) string {
	return "rollups." + string(table) + "." + strconv.Itoa(partition)
}

// signalSubject has the level in it, or that it is an alert.
func signalSubject(signal *wire.Signal) string {
	what := signal.Level
	if signal.Signal == wire.Alert {
		what = wire.Alert
	}

	return fmt.Sprintf("signals.%s.%d.%s", what, signal.Partition, event.Token(signal.Customer))
}

func (o *outputs) add(table wire.Table, partition int, row any) {
	o.rollups = append(o.rollups, Message{Subject: rollupSubject(table, partition), Data: o.encode(row)})
}

// addLate keeps an event that came beyond its lateness, apart from the windows.
func (o *outputs) addLate(at *place, record *event.Record, ev *event.Event) {
	header := at.header(wire.Late)
	header.Version = record.Sequence
	late := Message{
		Subject: rollupSubject(wire.Late, at.partition),
		Data: o.encode(wire.LateEvent{
			Header:   header,
			Sequence: record.Sequence,
			Row:      record.Row,
			Time:     ev.Time,
			Customer: string(ev.Customer),
			ID:       string(ev.ID),
			Type:     string(ev.Type),
		}),
	}
	o.bytes += len(late.Data)
	o.late = append(o.late, late)
}

// addJoin keeps who an anonymous customer is, for their partition to know.
func (o *outputs) addJoin(mark fact.JoinMark) {
	o.joins = append(o.joins, mark)
	o.bytes += 2 * (len(mark.Anonymous) + len(mark.Customer))
}

// addMove keeps where somebody was active, for the partition of who they are.
func (o *outputs) addMove(mark *fact.MoveMark) {
	o.moves = append(o.moves, *mark)
	o.bytes += 2 * (len(mark.Customer) + len(mark.Anonymous))
	if mark.History != nil {
		o.bytes += 2 * len(mark.History.State)
	}
	for i := range mark.Columns {
		o.bytes += 2 * len(mark.Columns[i].State)
	}
	for _, name := range mark.Channels {
		o.bytes += len(name) + 3
	}
	for _, trace := range mark.Traces {
		for _, active := range trace.Active {
			o.bytes += 8 * len(active.Steps)
		}
	}
}

// encode keeps the first error for the cut: none of our own types can fail.
func (o *outputs) encode(value any) []byte {
	data, err := json.Marshal(value)
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("encode %T: %w", value, err)
	}

	return data
}

// signalRoom is what most signals take as JSON.
const signalRoom = 1 << 10

// encodeSignal is encode for what an import has many of.
func (o *outputs) encodeSignal(signal *wire.Signal) []byte {
	data, err := wire.AppendSignal(make([]byte, 0, signalRoom), signal)
	if err != nil && o.err == nil {
		o.err = err
	}

	return data
}

// take hands over all messages, in the order of the streams, stamped with the
// version of the cut, and starts anew.
func (o *outputs) take(version uint64) ([Streams][]Message, error) {
	var streams [Streams][]Message
	streams[Rollups] = append(o.rollups, o.late...)
	streams[DeadLetters] = o.letters
	for i := range o.signals {
		signal := &o.signals[i]
		signal.Version = version
		streams[Signals] = append(streams[Signals], Message{
			Subject: signalSubject(signal),
			Header:  signal.CloudEvent(),
			Data:    o.encodeSignal(signal),
		})
	}
	for i := range o.reports {
		report := &o.reports[i]
		streams[Statistics] = append(streams[Statistics], Message{
			Subject: "s." + strconv.Itoa(report.Partition),
			Data:    o.encode(report),
		})
	}
	err := o.err
	*o = outputs{}

	return streams, err
}
