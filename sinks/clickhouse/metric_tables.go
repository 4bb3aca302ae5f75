package clickhouse

import (
	"math/big"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ebb/pipeline/amount"
	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/sinks"
)

// metricTable is the table of a metric, which is the index of metric.Tables.
func metricTable(m *metric.Metric, index int) table {
	moment := columnsOf("window", lowText, "window_end", time64)
	if m.Daily() {
		moment = columnsOf("day", "Date32")
	}
	columns := append(moment, columnsOf("partition", count16, "version", count64, "clock", time64, "era", time64)...)
	columns = append(columns, metricColumns(m, count64, sum128)...)

	return table{
		name: string(m.Table()), columns: columns,
		rows: func(b *sinks.Batch) int {
			if index >= len(b.Metrics) {
				return 0
			}

			return b.Metrics[index].Len()
		},
		values: func(b *sinks.Batch) []any {
			rows := &b.Metrics[index]
			values := []any{rows.Window, rows.End, rows.Partition, rows.Version, rows.Clock, rows.Era}
			if m.Daily() {
				days := column(rows.End, func(ms *int64) time.Time { return time.UnixMilli(*ms).UTC() })
				values = append([]any{days}, values[2:]...)
			}
			for i := range m.By {
				values = append(values, rows.By[i])
			}
			for i, measure := range m.Measures {
				if measure.Sum {
					values = append(values, column(rows.Measures[i], func(n *wire.Number) big.Int { return millionths(amount.Amount(*n)) }))
				} else {
					values = append(values, column(rows.Measures[i], func(n *wire.Number) uint64 { return n.Lo }))
				}
			}

			return values
		},
	}
}

// metricColumns are the dimensions and measures.
func metricColumns(m *metric.Metric, count, sum string) []clickhouse.ColumnNameAndType {
	var columns []clickhouse.ColumnNameAndType
	for _, d := range m.By {
		columns = append(columns, clickhouse.ColumnNameAndType{Name: d.Name, Type: lowText})
	}
	for _, measure := range m.Measures {
		kind := count
		if measure.Sum {
			kind = sum
		}
		columns = append(columns, clickhouse.ColumnNameAndType{Name: measure.Name, Type: kind})
	}

	return columns
}

// metricSeriesTable is the table of series beside it.
func metricSeriesTable(m *metric.Metric, index int) table {
	type row = sinks.MetricSeries
	columns := columnsOf("window", lowText, "day", "Date32", "first_end", time64, "last_end", time64, "slide", count64,
		"partition", count16, "version", count64, "clock", time64, "era", time64, "steps", numbers64)
	columns = append(columns, metricColumns(m, numbers64, numbers128)...)

	return table{
		name: string(m.Table()) + "_series", columns: columns,
		rows: func(b *sinks.Batch) int {
			if index >= len(b.MetricSeries) {
				return 0
			}

			return len(b.MetricSeries[index])
		},
		values: func(b *sinks.Batch) []any {
			rows := b.MetricSeries[index]
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
			}
			for i := range m.By {
				values = append(values, column(rows, func(r *row) string { return r.By[i] }))
			}
			for i, measure := range m.Measures {
				if measure.Sum {
					values = append(values, sumsOf(rows, func(r *row) []amount.Amount { return r.Measures[i].Sums }))
				} else {
					values = append(values, numbersOf(rows, func(r *row) []int64 { return r.Measures[i].Counts }))
				}
			}

			return values
		},
	}
}
