package clickhouse_test

import (
	"fmt"
	"testing"

	"ebb/pipeline/amount"
	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

// One operation writes 100,000 new rows, half of them of types.
func BenchmarkWrite(b *testing.B) {
	const rows = 100_000
	sink := clickhouse.New(migrated(b))
	version := uint64(0)
	for b.Loop() {
		version++
		batch := &sinks.Batch{Token: fmt.Sprint(version)}
		for i := range rows / 2 {
			end := int64(version)*86_400_000 + int64(i/100)*60_000
			batch.Rollups[sinks.Total] = append(batch.Rollups[sinks.Total], sinks.Rollup{
				Window: "5m", End: end, Partition: i % 16, Version: version, Clock: end, Row: wire.Row{Events: int64(i), Customers: 5},
			})
			batch.Rollups[sinks.Type] = append(batch.Rollups[sinks.Type], sinks.Rollup{
				Window: "1m", End: end, Partition: i % 16, Version: version, Clock: end,
				Row: wire.Row{Key: "page.viewed", Currency: "", Events: int64(i), Value: amount.Of(int64(i))},
			})
		}
		if err := sink.Write(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
