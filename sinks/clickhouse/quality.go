package clickhouse

import "ebb/sinks"

// qualityTable is how the rows of table quality are kept. Its name here says
// whose quality it is.
func qualityTable() table {
	type row = sinks.Quality

	return table{
		name: "model_quality",
		columns: columnsOf("time", time64, "horizon_ms", amount64, "partition", count16, "segment", lowText, "bin", "UInt8",
			"rows", count64, "risk_sum", count64, "lost", count64, "brier_sum", count64, "overlap", count64,
			"version", count64, "era", time64, "clock", time64),
		rows: func(b *sinks.Batch) int { return len(b.Quality) },
		values: func(b *sinks.Batch) []any {
			return []any{
				column(b.Quality, func(r *row) int64 { return r.Time }),
				column(b.Quality, func(r *row) int64 { return r.HorizonMS }),
				column(b.Quality, func(r *row) uint16 { return uint16(r.Partition) }),
				column(b.Quality, func(r *row) string { return r.Segment }),
				column(b.Quality, func(r *row) uint8 { return uint8(r.Bin) }),
				column(b.Quality, func(r *row) uint64 { return uint64(r.Rows) }),
				column(b.Quality, func(r *row) uint64 { return uint64(r.RiskSum) }),
				column(b.Quality, func(r *row) uint64 { return uint64(r.Lost) }),
				column(b.Quality, func(r *row) uint64 { return uint64(r.BrierSum) }),
				column(b.Quality, func(r *row) uint64 { return uint64(r.Overlap) }),
				column(b.Quality, func(r *row) uint64 { return r.Version }),
				column(b.Quality, func(r *row) int64 { return r.Era }),
				column(b.Quality, func(r *row) int64 { return r.Clock }),
			}
		},
	}
}
