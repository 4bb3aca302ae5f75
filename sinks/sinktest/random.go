package sinktest

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ebb/sinks"
	"ebb/sinks/memory"
)

// random writes batches over few keys, so that versions meet, to the sink and
// to the reference. A row is a function of its key and its version, as it is
// in ebb.
func random(t *testing.T, s Subject) {
	reference := memory.New()
	batch := rapid.Custom(func(t *rapid.T) *sinks.Batch {
		b := &sinks.Batch{Token: rapid.SampledFrom([]string{"", "x"}).Draw(t, "token")}
		for range rapid.IntRange(0, 20).Draw(t, "rows") {
			table := rapid.SampledFrom([]sinks.RollupTable{sinks.Total, sinks.Type}).Draw(t, "table")
			row := rollup(table, rapid.Uint64Range(1, 6).Draw(t, "version"))
			row.Window = rapid.SampledFrom(sinks.Windows()).Draw(t, "window")
			row.Partition = rapid.IntRange(0, 2).Draw(t, "partition")
			row.Events = int64(row.Version)*10 + int64(row.Partition)
			b.Rollups[table] = append(b.Rollups[table], row)
		}
		if b.Token != "" {
			b.Token = fmt.Sprintf("%+v", b.Rollups) // names the content, as it has to
		}

		return b
	})
	// One sink takes the batches of all checks: what it held before is part of
	// what a write must not disturb.
	rapid.Check(t, func(rt *rapid.T) {
		for _, b := range rapid.SliceOfN(batch, 1, 1).Draw(rt, "batches") {
			if err := reference.Write(t.Context(), b); err != nil {
				rt.Fatalf("reference: %v", err)
			}
			if err := s.Sink.Write(t.Context(), b); err != nil {
				rt.Fatalf("write: %v", err)
			}
		}
	})
	expect(t, s, reference.Rows())
}
