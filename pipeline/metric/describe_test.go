package metric_test

import (
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/metric"
)

// A description lacks nothing that people are shown.
func TestDescriptionsAreWhole(t *testing.T) {
	all := metric.Describe()
	names := metric.Names(all)
	for _, want := range []string{
		"total", "kind", "channel", "type", "levels", "model_quality", "signals", "feed", "pipeline", "late",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not described", want)
		}
	}
	for _, m := range metric.Tables() {
		if !slices.Contains(names, m.Name) {
			t.Errorf("metric %s is not described", m.Name)
		}
	}
	for i, d := range all {
		if slices.Contains(names[:i], d.Name) {
			t.Errorf("%s is described twice", d.Name)
		}
		for what, text := range map[string]string{"title": d.Title, "definition": d.Definition, "unit": d.Unit, "fed by": d.FedBy, "table": d.Table, "view": d.View, "time": d.Time} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s: no %s", d.Name, what)
			}
		}
		if len(d.Of(metric.InTime)) == 0 {
			t.Errorf("%s has no time", d.Name)
		}
		for _, c := range slices.Concat(d.Columns, d.Stored) {
			figure := c.Role == metric.AsFigure
			if c.Name == "" || c.Definition == "" || (c.Unit != "") != (figure || c.Role == metric.AsMeasure) ||
				(c.Formula != "" && c.Title != "") != figure || (c.Cases != "") != (c.Least > 0) {
				t.Errorf("%s: column %+v lacks something, or has too much", d.Name, c)
			}
			if c.Cases != "" && !slices.ContainsFunc(d.Of(metric.AsMeasure), func(m metric.Column) bool { return m.Name == c.Cases }) {
				t.Errorf("%s: %s divides by %s, which is no measure", d.Name, c.Name, c.Cases)
			}
		}
	}
}

// What follows from a declaration.
func TestAMetricIsDescribedByItsDeclaration(t *testing.T) {
	d, known := metric.Find(metric.Describe(), "sentiment")
	if !known || d.Table != "rollups_sentiment" || d.Series != "rollups_sentiment_series" || d.View != "v_sentiment" || d.Unit != "events" || len(d.Windows) != 6 {
		t.Fatalf("%v, %+v", known, d)
	}
	figures := d.Of(metric.AsFigure)
	if len(figures) != 2 || figures[0].Formula != "sentiment / answers" || figures[0].Cases != "answers" || figures[0].Least != 10 || figures[0].Unit != "points" {
		t.Errorf("figures %+v", figures)
	}
}

func TestFind(t *testing.T) {
	all := metric.Describe()
	for name, want := range map[string]string{
		"total": "total", "rollups_total": "total", "v_total": "total", "rollups_type_series": "type", "LEVELS": "levels", "v_at_risk": "signals",
		"rollups_interactions": "interactions", "": "", "totals": "",
	} {
		if d, known := metric.Find(all, name); d.Name != want || known != (want != "") {
			t.Errorf("%q is %q, want %q", name, d.Name, want)
		}
	}
}

// There are figures enough for what growth and experience teams ask, and whatever is no
// plain sum or difference says what it divides by, and so below how many of those it is
// NULL; see TestDescriptionsAreWhole.
func TestEveryRateHasItsCases(t *testing.T) {
	const least = 60
	figures, plain := 0, []string{}
	for _, d := range metric.Describe() {
		for _, c := range d.Of(metric.AsFigure) {
			figures++
			if c.Cases != "" {
				continue
			}
			plain = append(plain, d.Name+"."+c.Name)
			if strings.Contains(c.Formula, "/") || slices.Contains([]string{"share", "ratio", "probability"}, c.Unit) {
				t.Errorf("%s.%s is a rate and does not say what it divides by", d.Name, c.Name)
			}
		}
	}
	if figures < least {
		t.Errorf("%d figures, want %d at least", figures, least)
	}
	if want := []string{"social.told", "orders.net"}; !slices.Equal(plain, want) {
		t.Errorf("%q divide by nothing, want %q alone", plain, want)
	}
}
