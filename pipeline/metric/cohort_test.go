package metric_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/metric"
)

// A cohort lacks nothing of what follows from its declaration.
func TestCohortsAreWhole(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z_]{0,39}$`)
	script := scripts(t)
	for _, c := range metric.AllCohorts() {
		proof, err := c.Proof()
		if err != nil {
			t.Error(err)
		}
		switch {
		case !name.MatchString(c.Name) || c.Title == "" || c.Definition == "" || c.FedBy == "":
			t.Errorf("cohort %q lacks its name, or what it is", c.Name)
		case c.Takes == nil || len(c.Measures) == 0 || len(c.Measures) > metric.MaxSlots || len(c.By) > metric.MaxBy || len(c.Marks) > metric.MaxMarks:
			t.Errorf("cohort %s has no Takes, or too much", c.Name)
		case c.AtMost < 1 || c.Span < 1:
			t.Errorf("cohort %s has no bounds", c.Name)
		case !strings.Contains(script, string(c.Table())):
			t.Errorf("cohort %s is in no script: pipeline/testdata/shard/metrics*", c.Name)
		}
		columns := []string{"day", "partition", "version", "clock", "era", "final", "sequence", "time", "customer", "item", "rank"}
		add := func(column, definition string) {
			if !name.MatchString(column) || slices.Contains(columns, column) || definition == "" {
				t.Errorf("cohort %s: column %q is taken, not of a-z and _, or without a definition", c.Name, column)
			}
			columns = append(columns, column)
		}
		rows := c.Rows()
		for _, d := range rows.By {
			add(d.Name, d.Definition)
		}
		for _, s := range c.Measures {
			add(s.Name, s.Definition)
			if all := metric.Marks(1<<len(c.Marks) - 1); s.Unit == "" || (s.All|s.None|s.Any)&^all != 0 || s.All|s.Any == 0 {
				t.Errorf("cohort %s: measure %s has no unit, counts everything, or by marks that are none", c.Name, s.Name)
			}
		}
		for _, f := range c.Figures {
			add(f.Name, f.Definition)
			if f.SQL == "" || f.Unit == "" || f.Title == "" || f.Cases == "" || !slices.Contains(rows.Columns(), f.Cases) {
				t.Errorf("cohort %s: figure %s lacks its formula, unit, title, or the measure that it divides by", c.Name, f.Name)
			}
		}
		for _, column := range slices.Concat(rows.Dimensions(), c.Marks, []string{"partition", "sequence", "time", "customer", "item", "rank"}) {
			if !regexp.MustCompile(`\b` + column + `\b`).MatchString(proof) {
				t.Errorf("cohort %s: its proof says nothing of %s", c.Name, column)
			}
		}
	}
}

// scripts are those of metrics.
func scripts(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../testdata/shard/metrics*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}

	return all.String()
}
