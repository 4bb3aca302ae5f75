package sinktest

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"ebb/pipeline/amount"
	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/sinks"
)

// noon is a time for rows: 2004-11-03 12:00 UTC.
const noon = 1099483200000

// era is when the input stream of the rows was made.
const era = noon - 86_400_000

// sample is a batch with one row in every table. Its times differ, so that one
// in the place of another shows.
func sample(version uint64) *sinks.Batch {
	b := &sinks.Batch{}
	for i := range b.Rollups {
		b.Rollups[i] = []sinks.Rollup{rollup(sinks.RollupTable(i), version)}
	}
	b.Late = []wire.LateEvent{{
		Header: header(wire.Late, version), Sequence: 11, Row: 201,
		Time: noon - 3_600_001, Customer: "c-1", ID: "e-1", Type: "page.viewed",
	}}
	b.Levels = []wire.LevelsRow{{
		Header: header(wire.Levels, version), Time: noon + 60_000, Healthy: 1, Cooling: 2, AtRisk: 3, Lapsed: 4, Left: 9,
	}}
	b.Pipeline = []wire.PipelineRow{{
		Header: header(wire.Pipeline, version), Time: noon + 60_000, Watermark: noon - 600_000,
		Sequence: 99, Processed: 5, Duplicates: 6, DeadLetters: 7, LateDropped: 8,
	}}
	b.Quality = []sinks.Quality{{
		Partition: 3, Version: version, Clock: noon + 1, Era: era, Time: noon - 60_001, HorizonMS: 2_419_200_000,
		QualityBin: wire.QualityBin{Segment: "regular", Bin: 8, Rows: 20, RiskSum: 171_234, Lost: 16, BrierSum: 212_345_678, Overlap: 41},
	}}
	b.Feed = []wire.FeedRow{{
		Header: header(wire.Feed, version), Time: noon + 300_000, Channel: "email", State: wire.FeedBack,
		Since: noon - 7_200_000, Observed: 21, Expected: 431.5, Held: 22, Released: 23, Dropped: 24,
	}}
	b.Signals = []wire.Signal{{
		Schema: wire.Schema, Signal: wire.Raised, Customer: "c-1", Level: "at_risk", Previous: "cooling",
		At: noon - 5, Risk: 0.8312, HorizonMS: 2_419_200_000, Episode: 12, LastEvent: noon - 1_641_600_000,
		SilentMS: 1_641_599_995, UsualMS: 86_400_000, Partition: 3, Version: version, Sequence: 98, Row: 202, Era: era,
		Reasons: []wire.Reason{
			{Code: "rhythm", LogOdds: 1.25, Text: "usually every 6 days, silent for 19", Numbers: map[string]int64{"every_ms": 518_400_000, "silent_ms": 1_641_599_995, "before": 0}},
			{Code: "breadth", LogOdds: -0.5, Text: "uses channels"},
		},
		Value: 120.5, ValueAtRisk: 100.16, Currency: "EUR", Headline: "Probably gone: of 100 customers like this, 83 don't come back within 30 days", Rule: "unusual", RiskUsual: 0.0625, RiskIfBack: 0.3125, IfBack: "one engagement now would bring the risk to 31 %", Holdout: true, Returned: true, Joined: "c-7",
	}}
	b.DeadLetters = []sinks.DeadLetter{{
		Reason: "malformed", Sequence: 97, Row: 203, Partition: 3, Time: noon - 7, Subject: "engagement.p.3",
		Error: "unexpected end", Body: []byte(`{"id":`), Version: version, Era: era,
	}}

	return addMetrics(b, version)
}

// rollup is a row with the fields that its table carries.
func rollup(table sinks.RollupTable, version uint64) sinks.Rollup {
	row := wire.Row{Events: 12}
	switch table {
	case sinks.Total:
		row.Customers = 7
	case sinks.Kind:
		row.Key, row.Customers = "active", 7
	case sinks.Channel:
		row.Key = "web"
	case sinks.Type:
		row.Key, row.Currency, row.Value = "order.completed", "EUR", amount.Of(12_345_678)
	}

	return sinks.Rollup{Window: "5m", End: noon, Partition: 3, Version: version, Clock: noon + 1, Era: era, Row: row}
}

func header(table wire.Table, version uint64) wire.Header {
	return wire.Header{Schema: wire.Schema, Table: table, Partition: 3, Version: version, Clock: noon + 1, Era: era}
}

// write fails the test if the sink does not take the batch.
func write(t testing.TB, s Subject, b *sinks.Batch) {
	t.Helper()
	if err := s.Sink.Write(t.Context(), b); err != nil {
		t.Fatalf("write: %v", err)
	}
}

// expect compares what the sink holds with want, in any order.
func expect(t testing.TB, s Subject, want *sinks.Batch) {
	t.Helper()
	got := s.Rows(t)
	for i := range want.Rollups {
		same(t, string(sinks.RollupTable(i).Name()), got.Rollups[i], want.Rollups[i])
	}
	for i, m := range metric.Tables() {
		same(t, string(m.Table()), metricRows(got, i), metricRows(want, i))
	}
	same(t, "late", got.Late, want.Late)
	same(t, "levels", got.Levels, want.Levels)
	same(t, "pipeline", got.Pipeline, want.Pipeline)
	same(t, "quality", got.Quality, want.Quality)
	same(t, "feed", got.Feed, want.Feed)
	same(t, "signals", got.Signals, want.Signals)
	same(t, "deadletters", got.DeadLetters, want.DeadLetters)
}

// maxShown is how many differing rows a failure shows.
const maxShown = 3

func same[R any](t testing.TB, table string, got, want []R) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("table %s holds %d rows, want %d", table, len(got), len(want))
	}
	got, want = ordered(got), ordered(want)
	shown := 0
	for i := range min(len(got), len(want)) {
		if !reflect.DeepEqual(got[i], want[i]) && shown < maxShown {
			t.Errorf("table %s holds\n%+v, want\n%+v", table, got[i], want[i])
			shown++
		}
	}
}

// ordered sorts by what a row prints as.
func ordered[R any](rows []R) []R {
	type printed struct {
		text string
		row  R
	}
	all := make([]printed, len(rows))
	for i, row := range rows {
		all[i] = printed{fmt.Sprintf("%+v", row), row}
	}
	slices.SortFunc(all, func(a, b printed) int { return cmp.Compare(a.text, b.text) })
	out := make([]R, len(all))
	for i := range all {
		out[i] = all[i].row
	}

	return out
}
