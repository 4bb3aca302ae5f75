package main

import (
	"strings"
	"testing"

	"ebb/cmd/accept/trial"
)

// good is the report of a run with 10 events of which nothing is wrong.
func good() *result {
	v := &trial.Verification{Published: 10, Processed: 7, Duplicates: 2, LateDropped: 1}
	for _, table := range []string{"rollups_total", "rollups_kind", "rollups_channel", "rollups_type"} {
		for _, window := range []string{"1m", "5m", "1h", "24h", "7d", "28d"} {
			v.Tables = append(v.Tables, trial.Table{Table: table, Window: window, Compared: 3})
		}
	}
	for _, window := range []string{"1m", "5m", "1h", "24h", "7d", "28d"} { // a metric of which the file has nothing
		v.Tables = append(v.Tables, trial.Table{Table: "rollups_sentiment", Window: window})
	}
	v.Tables = append(v.Tables, trial.Table{Table: "late", Compared: 1}, trial.Table{Table: "deadletters"},
		trial.Table{Table: "signals", Compared: 1}, trial.Table{Table: "reasons"}, trial.Table{Table: "values"})

	return &result{
		Report: trial.Report{
			Published: 10, Processed: 7, Duplicates: 2, LateDropped: 1, RowsCompared: 4*6*3 + 2, Verification: v,
		},
		Rollups: []trial.Digest{{Table: "rollups_total", Rows: 3, Hash: "00"}},
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
		{"a comparison left out", func(r *result) { r.Report.Verification.Tables = r.Report.Verification.Tables[:34] }, "34 comparisons"},
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
	plain, other := good(), good()
	if other.checkSame(plain); len(other.Problems) > 0 {
		t.Errorf("problems %q, want none", other.Problems)
	}
	other.Rollups = []trial.Digest{{Table: "rollups_total", Rows: 3, Hash: "01"}}
	other.Report.Processed++
	if other.checkSame(plain); len(other.Problems) != 2 {
		t.Errorf("problems %q, want those of the rollups and of the count", other.Problems)
	}
	if plain.checkPlain(); len(plain.Problems) != 1 {
		t.Errorf("problems %q, want that of the duplicates", plain.Problems)
	}
}
