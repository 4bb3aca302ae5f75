package clickhouse

import (
	"ebb/pipeline/wire"
	"ebb/sinks"
)

func signalsTable() table {
	type row = wire.Signal

	return table{
		name: "signals",
		columns: columnsOf("customer", text, "episode", "UInt32", "level", lowText, "signal", lowText, "previous", lowText,
			"at", time64, "risk", "Float64", "horizon_ms", amount64, "last_event", time64, "silent_ms", amount64, "usual_ms", amount64,
			"reason_code", "Array(LowCardinality(String))", "reason_log_odds", "Array(Float64)", "reason_text", "Array(String)",
			"reason_numbers", "Array(Map(LowCardinality(String), Int64))",
			"value", "Float64", "value_at_risk", "Float64", "currency", lowText,
			"headline", text, "rule", lowText, "risk_usual", "Float64", "risk_if_back", "Float64", "if_back", text, "holdout", "Bool", "returned", "Bool", "joined", text,
			"partition", count16, "sequence", count64, "row", count16, "version", count64, "era", time64),
		rows: func(b *sinks.Batch) int { return len(b.Signals) },
		values: func(b *sinks.Batch) []any {
			return []any{
				column(b.Signals, func(r *row) string { return r.Customer }),
				column(b.Signals, func(r *row) uint32 { return r.Episode }),
				column(b.Signals, func(r *row) string { return r.Level }),
				column(b.Signals, func(r *row) string { return r.Signal }),
				column(b.Signals, func(r *row) string { return r.Previous }),
				column(b.Signals, func(r *row) int64 { return r.At }),
				column(b.Signals, func(r *row) float64 { return r.Risk }),
				column(b.Signals, func(r *row) int64 { return r.HorizonMS }),
				column(b.Signals, func(r *row) int64 { return r.LastEvent }),
				column(b.Signals, func(r *row) int64 { return r.SilentMS }),
				column(b.Signals, func(r *row) int64 { return r.UsualMS }),
				column(b.Signals, reasons(func(r *wire.Reason) string { return r.Code })),
				column(b.Signals, reasons(func(r *wire.Reason) float64 { return r.LogOdds })),
				column(b.Signals, reasons(func(r *wire.Reason) string { return r.Text })),
				column(b.Signals, reasons(func(r *wire.Reason) map[string]int64 { return r.Numbers })),
				column(b.Signals, func(r *row) float64 { return r.Value }),
				column(b.Signals, func(r *row) float64 { return r.ValueAtRisk }),
				column(b.Signals, func(r *row) string { return r.Currency }),
				column(b.Signals, func(r *row) string { return r.Headline }),
				column(b.Signals, func(r *row) string { return r.Rule }),
				column(b.Signals, func(r *row) float64 { return r.RiskUsual }),
				column(b.Signals, func(r *row) float64 { return r.RiskIfBack }),
				column(b.Signals, func(r *row) string { return r.IfBack }),
				column(b.Signals, func(r *row) bool { return r.Holdout }),
				column(b.Signals, func(r *row) bool { return r.Returned }),
				column(b.Signals, func(r *row) string { return r.Joined }),
				column(b.Signals, func(r *row) uint16 { return uint16(r.Partition) }),
				column(b.Signals, func(r *row) uint64 { return r.Sequence }),
				column(b.Signals, func(r *row) uint16 { return uint16(r.Row) }),
				column(b.Signals, func(r *row) uint64 { return r.Version }),
				column(b.Signals, func(r *row) int64 { return r.Era }),
			}
		},
	}
}

// reasons is one field of every reason of a signal.
func reasons[V any](field func(*wire.Reason) V) func(*wire.Signal) []V {
	return func(s *wire.Signal) []V { return column(s.Reasons, field) }
}
