package main

import (
	"slices"
	"strings"
	"testing"

	"ebb/cmd/accept/trial"
	"ebb/pipeline/metric"
)

// good is the report of a run with 10 events of which nothing is wrong.
func good() *result {
	v := &trial.Verification{Published: 10, Processed: 7, Duplicates: 2, LateDropped: 1}
	lengths := []string{"1m", "5m", "1h", "24h", "7d", "28d"}
	for _, table := range basic() {
		for _, window := range lengths {
			v.Tables = append(v.Tables, trial.Table{Table: table, Window: window, Compared: 3})
		}
	}
	for _, m := range metric.Tables() { // of which the file has nothing
		if m.Daily() {
			v.Tables = append(v.Tables, trial.Table{Table: string(m.Table())})

			continue
		}
		for _, window := range lengths {
			v.Tables = append(v.Tables, trial.Table{Table: string(m.Table()), Window: window})
		}
	}
	v.Tables = append(v.Tables, trial.Table{Table: "late", Compared: 1}, trial.Table{Table: "deadletters"},
		trial.Table{Table: "signals", Compared: 1}, trial.Table{Table: "reasons"}, trial.Table{Table: "values"},
		trial.Table{Table: "level_changes"}, trial.Table{Table: "newest_signals"})

	return &result{
		Report: trial.Report{
			Published: 10, Processed: 7, Duplicates: 2, LateDropped: 1, RowsCompared: 4*6*3 + 2, Verification: v,
		},
		Rollups: []trial.Digest{{Table: "valid_rollups_total", Rows: 3, Hash: "00"}, {Table: "valid_rollups_conversions", Rows: 3, Hash: "00"}, {Table: "valid_census_segments", Rows: 3, Hash: "00"}},
	}
}

func TestCheckReport(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*result)
		want  string // in the problem; none without it
	}{
		{"nothing", func(*result) {}, ""},
		{"not verified", func(r *result) { r.Report.Verification = nil }, "nothing was verified"},
		{"an event lost", func(r *result) { r.Report.Published = 9 }, "published is 9, want 10"},
		{"an outcome lost", func(r *result) { r.Report.Processed = 6 }, "the sum of the outcomes is 9"},
		{"a dead letter", func(r *result) { r.Report.DeadLetters, r.Report.LateDropped = 1, 0 }, "dead_letters is 1"},
		{"a row missing", func(r *result) { r.Report.RowsMissing = 1 }, "rows_missing is 1"},
		{"a row too much", func(r *result) { r.Report.RowsExtra = 1 }, "rows_extra is 1"},
		{"a wrong row", func(r *result) { r.Report.RowsDifferent = 1 }, "rows_different is 1"},
		{"SQL of other late events", func(r *result) { r.Report.Verification.LateDropped = 0 }, "late_dropped is 1, want 0"},
		{"SQL of other events", func(r *result) { r.Report.Verification.Published = 11 }, "as SQL finds it is 11"},
		{"an empty window", func(r *result) { r.Report.Verification.Tables[5].Compared = 0 }, "rollups_total has no row of window 28d"},
		{"a comparison left out", func(r *result) { r.Report.Verification.Tables = r.Report.Verification.Tables[1:] }, "comparisons, want"},
		{"another sum", func(r *result) { r.Report.RowsCompared++ }, "rows_compared is 75, want 74"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := good()
			test.spoil(r)
			r.checkReport(10)
			if all := strings.Join(r.Problems, "; "); test.want == "" && all != "" || !strings.Contains(all, test.want) {
				t.Errorf("problems %q, want %q", all, test.want)
			}
		})
	}
}

func TestCheckSame(t *testing.T) {
	const events, conversions, segments = "valid_rollups_total", "valid_rollups_conversions", "valid_census_segments"
	spoiled := func(tables ...string) *result {
		r := good()
		for i := range r.Rollups {
			if slices.Contains(tables, r.Rollups[i].Table) {
				r.Rollups[i].Hash = "01"
			}
		}

		return r
	}
	tests := []struct {
		name      string
		other     *result
		reordered bool
		problems  int
	}{
		{"the same", good(), false, 0},
		{"another total", spoiled(events), false, 1},
		{"another total, reordered", spoiled(events), true, 1},
		{"what follows from order", spoiled(conversions), false, 1},
		{"what follows from order, reordered", spoiled(conversions), true, 0},
		{"what follows from levels", spoiled(segments), false, 0},
		{"all", spoiled(events, conversions, segments), false, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.other.checkSame(good(), test.reordered); len(test.other.Problems) != test.problems {
				t.Errorf("problems %q, want %d", test.other.Problems, test.problems)
			}
		})
	}

	lost := good()
	lost.Report.Processed++
	lost.Rollups = lost.Rollups[:1]
	if lost.checkSame(good(), false); len(lost.Problems) != 3 {
		t.Errorf("problems %q, want those of the count, of the tables, and of the lost ones", lost.Problems)
	}
	plain := good()
	if plain.checkPlain(); len(plain.Problems) != 1 {
		t.Errorf("problems %q, want that of the duplicates", plain.Problems)
	}
}
