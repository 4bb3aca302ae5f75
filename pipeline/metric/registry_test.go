package metric_test

import (
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
	script := scripts(t)
	seen := map[string]bool{}
	for _, m := range append(metric.All(), daily()...) {
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
		if !m.Daily() && (m.Counts == nil && !byType || m.AtMost < 1) || len(m.Measures) == 0 || len(m.By) > metric.MaxBy || m.Width() > metric.MaxSlots {
			t.Errorf("metric %s has no Counts, no measures, too many dimensions or slots, or no bound", m.Name)
		}
		if !strings.Contains(script, string(m.Table())) {
			t.Errorf("metric %s is in no script: pipeline/testdata/shard/metrics*", m.Name)
		}
		if ordered := strings.Contains(proof, "life"); ordered != m.Ordered && m.Family != metric.Counted {
			t.Errorf("metric %s: its proof follows customers in order: %v, and it says %v", m.Name, ordered, m.Ordered)
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
			if d.Of == nil && !m.Daily() {
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

// daily are the tables of the censuses.
func daily() []*metric.Metric {
	return slices.DeleteFunc(metric.Tables(), func(m *metric.Metric) bool { return m.Family != metric.Counted })
}

// Beside what follows from its table a census says whom it counts, and what its values
// are called. The first one has a row for every day.
func TestCensusesAreWhole(t *testing.T) {
	for i, c := range metric.Censuses() {
		if c.Counts == nil || len(c.Rows().By) != len(c.By) || i == 0 && len(c.By) > 0 {
			t.Errorf("census %s has no Counts, or not the dimensions of its place", c.Name)
		}
		for _, d := range c.By {
			if d.Text == nil {
				t.Errorf("census %s: dimension %s has no Text", c.Name, d.Name)
			}
		}
		if tally := c.NewTally(); (len(tally.Rows()) == 1) != (len(c.By) == 0) {
			t.Errorf("census %s has %d rows of nobody", c.Name, len(tally.Rows()))
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
