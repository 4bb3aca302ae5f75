package clickhouse

import (
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ebb/pipeline/amount"
	"ebb/sinks"
)

// seriesTable is the table of series beside a rollup table.
func seriesTable(index sinks.RollupTable, dimensions []string, measure string) table {
	type row = sinks.Series
	columns := columnsOf("window", lowText, "day", "Date32", "first_end", time64, "last_end", time64, "slide", count64,
		"partition", count16, "version", count64, "clock", time64, "era", time64, "steps", numbers64, "events", numbers64)
	for _, d := range dimensions {
		columns = append(columns, clickhouse.ColumnNameAndType{Name: d, Type: lowText})
	}
	switch measure {
	case "customers":
		columns = append(columns, clickhouse.ColumnNameAndType{Name: measure, Type: numbers64})
	case "value_sum":
		columns = append(columns, clickhouse.ColumnNameAndType{Name: measure, Type: numbers128})
	}

	return table{
		name: string(index.Name()) + "_series", columns: columns,
		rows: func(b *sinks.Batch) int { return len(b.Series[index]) },
		values: func(b *sinks.Batch) []any {
			rows := b.Series[index]
			values := []any{
				column(rows, func(r *row) string { return r.Window }),
				column(rows, func(r *row) time.Time { return time.UnixMilli(r.End).UTC() }),
				column(rows, func(r *row) int64 { return r.End }),
				column(rows, func(r *row) int64 { return r.LastEnd() }),
				column(rows, func(r *row) uint64 { return uint64(r.Slide) }),
				column(rows, func(r *row) uint16 { return uint16(r.Partition) }),
				column(rows, func(r *row) uint64 { return r.Version }),
				column(rows, func(r *row) int64 { return r.Clock }),
				column(rows, func(r *row) int64 { return r.Era }),
				numbersOf(rows, func(r *row) []int64 { return r.Steps }),
				numbersOf(rows, func(r *row) []int64 { return r.Events }),
			}
			if len(dimensions) > 0 {
				values = append(values, column(rows, func(r *row) string { return r.Key }))
			}
			if len(dimensions) > 1 {
				values = append(values, column(rows, func(r *row) string { return r.Currency }))
			}
			switch measure {
			case "customers":
				values = append(values, numbersOf(rows, func(r *row) []int64 { return r.Customers }))
			case "value_sum":
				values = append(values, sumsOf(rows, func(r *row) []amount.Amount { return r.Values }))
			}

			return values
		},
	}
}
