package clickhouse

import (
	"math/big"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ebb/pipeline/amount"
	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/sinks"
)

// table is how rows of a batch become the columns of an insert.
type table struct {
	name    string
	columns []clickhouse.ColumnNameAndType
	rows    func(*sinks.Batch) int
	values  func(*sinks.Batch) []any // a slice for each column
}

// Column types of the schema.
const (
	// The server makes LowCardinality of them: the driver takes five times as
	// long as both need so.
	lowText  = "String"
	text     = "String"
	time64   = "DateTime64(3, 'UTC')"
	count64  = "UInt64"
	count16  = "UInt16"
	amount64 = "Int64"
	sum128   = "Int128"
	figure64 = "Float64"
)

// tables are in the order of writing. pipeline is last: its clock tells readers
// that what lies before is there.
func tables() []table {
	all := []table{
		rollupTable(sinks.Total, nil, "customers"),
		rollupTable(sinks.Kind, []string{"kind"}, "customers"),
		rollupTable(sinks.Channel, []string{"channel"}, ""),
		rollupTable(sinks.Type, []string{"type", "currency"}, "value_sum"),
		seriesTable(sinks.Total, nil, "customers"),
		seriesTable(sinks.Kind, []string{"kind"}, "customers"),
		seriesTable(sinks.Channel, []string{"channel"}, ""),
		seriesTable(sinks.Type, []string{"type", "currency"}, "value_sum"),
	}
	for i, m := range metric.Tables() {
		all = append(all, metricTable(m, i))
		if !m.Daily() {
			all = append(all, metricSeriesTable(m, i))
		}
	}

	return append(all, lateTable(), levelsTable(), qualityTable(), feedTable(), signalsTable(), deadLettersTable(), pipelineTable())
}

// insert is the statement.
func (t table) insert() string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.Name
	}

	return "INSERT INTO " + t.name + " (" + strings.Join(names, ", ") + ")"
}

// rollupTable is the table with the given dimensions and the measure beside
// events, "" for none.
func rollupTable(index sinks.RollupTable, dimensions []string, measure string) table {
	columns := columnsOf("window", lowText, "window_end", time64, "partition", count16,
		"version", count64, "clock", time64, "era", time64, "events", count64)
	for _, d := range dimensions {
		columns = append(columns, clickhouse.ColumnNameAndType{Name: d, Type: lowText})
	}
	switch measure {
	case "customers":
		columns = append(columns, clickhouse.ColumnNameAndType{Name: measure, Type: count64})
	case "value_sum":
		columns = append(columns, clickhouse.ColumnNameAndType{Name: measure, Type: sum128})
	}

	return table{
		name: string(index.Name()), columns: columns,
		rows: func(b *sinks.Batch) int { return len(b.Rollups[index]) },
		values: func(b *sinks.Batch) []any {
			rows := b.Rollups[index]
			values := []any{
				column(rows, func(r *sinks.Rollup) string { return r.Window }),
				column(rows, func(r *sinks.Rollup) int64 { return r.End }),
				column(rows, func(r *sinks.Rollup) uint16 { return uint16(r.Partition) }),
				column(rows, func(r *sinks.Rollup) uint64 { return r.Version }),
				column(rows, func(r *sinks.Rollup) int64 { return r.Clock }),
				column(rows, func(r *sinks.Rollup) int64 { return r.Era }),
				column(rows, func(r *sinks.Rollup) uint64 { return uint64(r.Events) }),
			}
			if len(dimensions) > 0 {
				values = append(values, column(rows, func(r *sinks.Rollup) string { return r.Key }))
			}
			if len(dimensions) > 1 {
				values = append(values, column(rows, func(r *sinks.Rollup) string { return r.Currency }))
			}
			switch measure {
			case "customers":
				values = append(values, column(rows, func(r *sinks.Rollup) uint64 { return uint64(r.Customers) }))
			case "value_sum":
				values = append(values, column(rows, func(r *sinks.Rollup) big.Int { return millionths(r.Value) }))
			}

			return values
		},
	}
}

// millionths is an amount as the driver takes it.
func millionths(a amount.Amount) big.Int {
	var v big.Int
	if a == amount.Of(int64(a.Lo)) {
		v.SetInt64(int64(a.Lo))

		return v
	}
	v.Lsh(v.SetInt64(a.Hi), 64)
	v.Add(&v, new(big.Int).SetUint64(a.Lo))

	return v
}

func lateTable() table {
	type row = wire.LateEvent

	return table{
		name: string(wire.Late),
		columns: columnsOf("sequence", count64, "row", count16, "partition", count16, "time", time64, "clock", time64,
			"customer", text, "id", text, "type", lowText, "version", count64, "era", time64),
		rows: func(b *sinks.Batch) int { return len(b.Late) },
		values: func(b *sinks.Batch) []any {
			return []any{
				column(b.Late, func(r *row) uint64 { return r.Sequence }),
				column(b.Late, func(r *row) uint16 { return uint16(r.Row) }),
				column(b.Late, func(r *row) uint16 { return uint16(r.Partition) }),
				column(b.Late, func(r *row) int64 { return r.Time }),
				column(b.Late, func(r *row) int64 { return r.Clock }),
				column(b.Late, func(r *row) string { return r.Customer }),
				column(b.Late, func(r *row) string { return r.ID }),
				column(b.Late, func(r *row) string { return r.Type }),
				column(b.Late, func(r *row) uint64 { return r.Version }),
				column(b.Late, func(r *row) int64 { return r.Era }),
			}
		},
	}
}

func levelsTable() table {
	type row = wire.LevelsRow

	return table{
		name: string(wire.Levels),
		columns: columnsOf("time", time64, "partition", count16, "healthy", count64, "cooling", count64,
			"at_risk", count64, "lapsed", count64, "left", count64, "version", count64, "era", time64, "clock", time64),
		rows: func(b *sinks.Batch) int { return len(b.Levels) },
		values: func(b *sinks.Batch) []any {
			return []any{
				column(b.Levels, func(r *row) int64 { return r.Time }),
				column(b.Levels, func(r *row) uint16 { return uint16(r.Partition) }),
				column(b.Levels, func(r *row) uint64 { return uint64(r.Healthy) }),
				column(b.Levels, func(r *row) uint64 { return uint64(r.Cooling) }),
				column(b.Levels, func(r *row) uint64 { return uint64(r.AtRisk) }),
				column(b.Levels, func(r *row) uint64 { return uint64(r.Lapsed) }),
				column(b.Levels, func(r *row) uint64 { return uint64(r.Left) }),
				column(b.Levels, func(r *row) uint64 { return r.Version }),
				column(b.Levels, func(r *row) int64 { return r.Era }),
				column(b.Levels, func(r *row) int64 { return r.Clock }),
			}
		},
	}
}

func pipelineTable() table {
	type row = wire.PipelineRow

	return table{
		name: string(wire.Pipeline),
		columns: columnsOf("time", time64, "partition", count16, "clock", time64, "watermark", time64,
			"sequence", count64, "processed", count64, "duplicates", count64, "dead_letters", count64,
			"late_dropped", count64, "version", count64, "era", time64),
		rows: func(b *sinks.Batch) int { return len(b.Pipeline) },
		values: func(b *sinks.Batch) []any {
			return []any{
				column(b.Pipeline, func(r *row) int64 { return r.Time }),
				column(b.Pipeline, func(r *row) uint16 { return uint16(r.Partition) }),
				column(b.Pipeline, func(r *row) int64 { return r.Clock }),
				column(b.Pipeline, func(r *row) int64 { return r.Watermark }),
				column(b.Pipeline, func(r *row) uint64 { return r.Sequence }),
				column(b.Pipeline, func(r *row) uint64 { return r.Processed }),
				column(b.Pipeline, func(r *row) uint64 { return r.Duplicates }),
				column(b.Pipeline, func(r *row) uint64 { return r.DeadLetters }),
				column(b.Pipeline, func(r *row) uint64 { return r.LateDropped }),
				column(b.Pipeline, func(r *row) uint64 { return r.Version }),
				column(b.Pipeline, func(r *row) int64 { return r.Era }),
			}
		},
	}
}

func feedTable() table {
	type row = wire.FeedRow

	return table{
		name: string(wire.Feed),
		columns: columnsOf("channel", lowText, "time", time64, "partition", count16, "state", lowText,
			"since", time64, "observed", count64, "expected", figure64, "held", count64, "released", count64,
			"dropped", count64, "version", count64, "era", time64, "clock", time64),
		rows: func(b *sinks.Batch) int { return len(b.Feed) },
		values: func(b *sinks.Batch) []any {
			return []any{
				column(b.Feed, func(r *row) string { return r.Channel }),
				column(b.Feed, func(r *row) int64 { return r.Time }),
				column(b.Feed, func(r *row) uint16 { return uint16(r.Partition) }),
				column(b.Feed, func(r *row) string { return r.State }),
				column(b.Feed, func(r *row) int64 { return r.Since }),
				column(b.Feed, func(r *row) uint64 { return r.Observed }),
				column(b.Feed, func(r *row) float64 { return r.Expected }),
				column(b.Feed, func(r *row) uint64 { return r.Held }),
				column(b.Feed, func(r *row) uint64 { return r.Released }),
				column(b.Feed, func(r *row) uint64 { return r.Dropped }),
				column(b.Feed, func(r *row) uint64 { return r.Version }),
				column(b.Feed, func(r *row) int64 { return r.Era }),
				column(b.Feed, func(r *row) int64 { return r.Clock }),
			}
		},
	}
}

func deadLettersTable() table {
	type row = sinks.DeadLetter

	return table{
		name: "deadletters",
		columns: columnsOf("reason", lowText, "sequence", count64, "row", count16, "subject", text, "partition", count16,
			"time", time64, "error", text, "body", text, "version", count64, "era", time64),
		rows: func(b *sinks.Batch) int { return len(b.DeadLetters) },
		values: func(b *sinks.Batch) []any {
			return []any{
				column(b.DeadLetters, func(r *row) string { return r.Reason }),
				column(b.DeadLetters, func(r *row) uint64 { return r.Sequence }),
				column(b.DeadLetters, func(r *row) uint16 { return uint16(r.Row) }),
				column(b.DeadLetters, func(r *row) string { return r.Subject }),
				column(b.DeadLetters, func(r *row) uint16 { return uint16(r.Partition) }),
				column(b.DeadLetters, func(r *row) int64 { return r.Time }),
				column(b.DeadLetters, func(r *row) string { return r.Error }),
				column(b.DeadLetters, func(r *row) []byte { return r.Body }),
				column(b.DeadLetters, func(r *row) uint64 { return r.Version }),
				column(b.DeadLetters, func(r *row) int64 { return r.Era }),
			}
		},
	}
}

func columnsOf(namesAndTypes ...string) []clickhouse.ColumnNameAndType {
	columns := make([]clickhouse.ColumnNameAndType, 0, len(namesAndTypes)/2+2)
	for pair := range slices.Chunk(namesAndTypes, 2) {
		columns = append(columns, clickhouse.ColumnNameAndType{Name: pair[0], Type: pair[1]})
	}

	return columns
}

// column is one field of every row.
func column[R, V any](rows []R, field func(*R) V) []V {
	values := make([]V, len(rows))
	for i := range rows {
		values[i] = field(&rows[i])
	}

	return values
}
