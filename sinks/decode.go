package sinks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"

	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
)

// Headers of a dead letter.
const (
	HeaderReason    = "Ebb-Reason"
	HeaderSequence  = "Ebb-Sequence"
	HeaderRow       = "Ebb-Row"
	HeaderPartition = "Ebb-Partition"
	HeaderClock     = "Ebb-Clock"
	HeaderError     = "Ebb-Error"
	HeaderSubject   = "Ebb-Subject"
	HeaderEra       = "Ebb-Era"
)

// Message is a message of an output stream.
type Message struct {
	Subject  string                   // in full
	Sequence uint64                   // in its stream
	Header   func(name string) string // "" where it is missing; nil where there are none
	Data     []byte
}

// Marker says whether subject is that of a partition's marker, which holds no row:
// <prefix>.marker.<stream>.<n>, or <prefix>.<stream>.marker.<n> as earlier versions
// had it.
func Marker(subject string) bool {
	rest, n := cutLast(subject)
	rest, token := cutLast(rest)
	if token == "marker" {
		return true
	}
	_, before := cutLast(rest)
	_, err := strconv.ParseUint(n, 10, 16)

	return before == "marker" && err == nil && slices.Contains([]string{"rollups", "signals", "deadletters", "s"}, token)
}

// AddRollup appends the rows of a message of the rollup stream. On an error
// the batch is as it was. The rows don't keep data.
func (b *Batch) AddRollup(data []byte) error {
	table, err := tableOf(data)
	if err != nil {
		return err
	}
	switch table {
	case wire.Late:
		return add(&b.Late, data)
	case wire.Levels:
		return add(&b.Levels, data)
	case wire.Pipeline:
		return add(&b.Pipeline, data)
	case wire.Quality:
		return b.addQuality(data)
	case wire.Feed:
		return add(&b.Feed, data)
	}

	if of, at := metric.ByTable(b.metrics(), table); of != nil {
		return b.addMetric(at, of, data)
	}
	i := slices.Index(wire.RollupTables(), table)
	if i < 0 {
		return fmt.Errorf("message: table is %q, this version knows none of that name", table)
	}
	message, err := wire.ParseRollups(data)
	if err != nil {
		return err
	}
	b.addRows(RollupTable(i), message)

	return nil
}

func (b *Batch) addRows(table RollupTable, message wire.Rollups) {
	for _, series := range message.Series {
		b.Series[table] = append(b.Series[table], Series{
			Partition: message.Partition, Version: message.Version, Clock: message.Clock, Era: message.Era,
			Series: series,
		})
	}
	for _, window := range message.Windows {
		for _, row := range window.Rows {
			b.Rollups[table] = append(b.Rollups[table], Rollup{
				Window: window.Window, End: window.End,
				Partition: message.Partition, Version: message.Version, Clock: message.Clock, Era: message.Era,
				Row: row,
			})
		}
	}
}

func (b *Batch) addQuality(data []byte) error {
	var steps []wire.QualityRow
	if err := add(&steps, data); err != nil {
		return err
	}
	for _, step := range steps {
		for _, bin := range step.Bins {
			b.Quality = append(b.Quality, Quality{
				Partition: step.Partition, Version: step.Version, Clock: step.Clock, Era: step.Era,
				Time: step.Time, HorizonMS: step.HorizonMS, QualityBin: bin,
			})
		}
	}

	return nil
}

// AddSignal appends the row of a message of the signal stream.
func (b *Batch) AddSignal(data []byte) error {
	if signal, ok := wire.ScanSignal(data); ok && signal.Schema == wire.Schema {
		b.Signals = append(b.Signals, signal)

		return nil
	}

	return add(&b.Signals, data)
}

// AddDeadLetter appends the row of a message of the dead-letter stream. A
// header that is missing or no number leaves its field 0: a dead letter is
// never itself turned away.
func (b *Batch) AddDeadLetter(m Message) {
	header := m.Header
	if header == nil {
		header = func(string) string { return "" }
	}
	sequence, _ := strconv.ParseUint(header(HeaderSequence), 10, 64)
	row, _ := strconv.ParseUint(header(HeaderRow), 10, 16)
	partition, _ := strconv.ParseUint(header(HeaderPartition), 10, 16)
	clock, _ := strconv.ParseInt(header(HeaderClock), 10, 64)
	era, _ := strconv.ParseInt(header(HeaderEra), 10, 64)
	reason := header(HeaderReason)
	if reason == "" {
		_, reason = cutLast(m.Subject)
	}

	b.DeadLetters = append(b.DeadLetters, DeadLetter{
		Reason: reason, Sequence: sequence, Row: int(row), Partition: int(partition), Time: clock,
		Subject: header(HeaderSubject), Error: header(HeaderError),
		Body: m.Data, Version: m.Sequence, Era: era,
	})
}

// add decodes one row.
func add[T wire.LateEvent | wire.LevelsRow | wire.PipelineRow | wire.QualityRow | wire.FeedRow | wire.Signal](rows *[]T, data []byte) error {
	var row T
	if err := jsonv2.Unmarshal(data, &row); err != nil { // twice as fast, and stricter
		return fmt.Errorf("message: %w", err)
	}
	if schema := schemaOf(row); schema != wire.Schema {
		return fmt.Errorf("message: schema is %d, this version reads %d", schema, wire.Schema)
	}
	*rows = append(*rows, row)

	return nil
}

func schemaOf(row any) int {
	switch row := row.(type) {
	case wire.LateEvent:
		return row.Schema
	case wire.LevelsRow:
		return row.Schema
	case wire.PipelineRow:
		return row.Schema
	case wire.QualityRow:
		return row.Schema
	case wire.FeedRow:
		return row.Schema
	case wire.Signal:
		return row.Schema
	}

	return 0
}

// tableOf reads the table of a message. The usual layout has it near the
// start, and a message can be 256 KiB.
func tableOf(data []byte) (wire.Table, error) {
	for _, before := range []string{`{"schema":1,"table":"`, `{"schema":2,"table":"`, `{"schema":3,"table":"`} {
		if !strings.HasPrefix(string(data[:min(len(data), len(before))]), before) {
			continue
		}
		rest := string(data[len(before):min(len(data), len(before)+32)])
		if name, _, found := strings.Cut(rest, `"`); found && !strings.Contains(name, `\`) {
			return wire.Table(name), nil
		}
	}
	var header wire.Header
	if err := json.Unmarshal(data, &header); err != nil {
		return "", fmt.Errorf("message: %w", err)
	}

	return header.Table, nil
}

// cutLast cuts a subject before its last token.
func cutLast(subject string) (before, last string) {
	i := strings.LastIndexByte(subject, '.')
	if i < 0 {
		return "", subject
	}

	return subject[:i], subject[i+1:]
}
