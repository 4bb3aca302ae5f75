package metric_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/metric"
)

// A metric lacks nothing of what follows from its declaration.
func TestMetricsAreWhole(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	taken := []string{"window", "window_end", "partition", "version", "clock", "era", "day", "steps", "slide", "first_end", "last_end", "time", "sequence"}
	files, err := filepath.Glob("../testdata/shard/metrics*")
	if err != nil {
		t.Fatal(err)
	}
	var scripts []byte
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, script...)
	}
	seen := map[string]bool{}
	for _, m := range metric.All() {
		if !name.MatchString(m.Name) || seen[m.Name] {
			t.Errorf("metric %q: its name is taken, or not of a-z and _", m.Name)
		}
		seen[m.Name] = true
		for what, text := range map[string]string{"title": m.Title, "definition": m.Definition, "events that feed it": m.FedBy} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("metric %s has no %s", m.Name, what)
			}
		}
		proof, err := m.Proof()
		if err != nil {
			t.Error(err)
		}
		byType := slices.ContainsFunc(m.Measures, func(m metric.Measure) bool { return len(m.Types) > 0 })
		if m.Counts == nil && !byType || len(m.Measures) == 0 || len(m.By) > metric.MaxBy || m.Width() > metric.MaxSlots || m.AtMost < 1 {
			t.Errorf("metric %s has no Counts, no measures, too many dimensions or slots, or no bound", m.Name)
		}
		if !bytes.Contains(scripts, []byte(m.Table())) {
			t.Errorf("metric %s is in no script: pipeline/testdata/shard/metrics*", m.Name)
		}
		columns := slices.Clone(taken)
		add := func(column, definition string) {
			if !name.MatchString(column) || slices.Contains(columns, column) || definition == "" {
				t.Errorf("metric %s: column %q is taken, not of a-z and _, or without a definition", m.Name, column)
			}
			columns = append(columns, column)
		}
		for _, d := range m.By {
			add(d.Name, d.Definition)
			if d.Of == nil {
				t.Errorf("metric %s: dimension %s has no Of", m.Name, d.Name)
			}
		}
		for _, measure := range m.Measures {
			add(measure.Name, measure.Definition)
			if measure.Unit == "" {
				t.Errorf("metric %s: measure %s has no unit", m.Name, measure.Name)
			}
		}
		for _, column := range append(m.Dimensions(), m.Columns()...) {
			if !regexp.MustCompile(`\b` + column + `\b`).MatchString(proof) {
				t.Errorf("metric %s: its proof says nothing of %s", m.Name, column)
			}
		}
		for _, f := range m.Figures {
			add(f.Name, f.Definition)
			if f.SQL == "" || f.Unit == "" || f.Title == "" {
				t.Errorf("metric %s: figure %s lacks its formula, unit or title", m.Name, f.Name)
			}
			if strings.Contains(f.SQL, "/") && !slices.Contains(m.Columns(), f.Cases) {
				t.Errorf("metric %s: figure %s is a rate, and %q is no measure that it divides by", m.Name, f.Name, f.Cases)
			}
		}
	}
}

// The first measure tells rows that are empty from others, so it counts.
func TestTheFirstMeasureCounts(t *testing.T) {
	for _, m := range metric.All() {
		if m.Measures[0].Sum {
			t.Errorf("metric %s: measure %s is a sum", m.Name, m.Measures[0].Name)
		}
	}
}
