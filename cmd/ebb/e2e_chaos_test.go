package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"ebb/cmd/accept/trial"
	"ebb/cmd/ebb/demo"
	"ebb/deploy/local/localtest"
	"ebb/pipeline/metric"
)

// The same events each of them twice, and in another order as well, give the same
// rollups, row by row; in another order but for metrics that say that they follow it.
func TestChaosOrderAndTwice(t *testing.T) {
	localtest.Rest(t) // the rows are read by an engine on the folder of each demo
	const rows = 1_500
	file := shopFile(t, rows)
	var plain trial.Rows
	var counted *demo.Report
	for _, run := range []struct {
		name      string
		args      []string
		published uint64
	}{
		{"plain", nil, rows},
		{"published twice", []string{"--publish-twice", "--seed", "3"}, 2 * rows},
		{"both", []string{"--chaos-order", "--publish-twice", "--seed", "4"}, 2 * rows},
	} {
		if raceDetector && run.name == "published twice" {
			continue // a part of both
		}
		t.Run(run.name, func(t *testing.T) {
			dir := prepared.folder(t)
			r := runDemo(t, append(run.args, "--events", file, "--dir", dir, "--metrics", metric.EveryMetric)...)
			found, err := trial.Read(t.Context(), dir, trial.Figures())
			if err != nil {
				t.Fatal(err)
			}
			if plain == nil {
				plain, counted = found, r
			}

			if r.Published != run.published || r.Processed != counted.Processed {
				t.Errorf("%d published and %d processed, want %d and %d", r.Published, r.Processed, run.published, counted.Processed)
			}
			for table, rows := range plain {
				if len(rows) == 0 && fed(strings.TrimPrefix(table, "valid_")) {
					t.Errorf("%s is empty", table)
				}
			}
			want := maps.Clone(plain)
			for _, m := range metric.Tables() {
				if m.Ordered && slices.Contains(run.args, "--chaos-order") { // it depends on which events came first
					delete(want, "valid_"+string(m.Table()))
					delete(found, "valid_"+string(m.Table()))
				}
			}
			for _, difference := range want.Differences(found) {
				t.Errorf("from the plain run: %s", difference)
			}
		})
	}
}
