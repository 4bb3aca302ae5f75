package metric_test

import (
	"regexp"
	"strings"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/metric"
	"ebb/pipeline/vocabulary"
)

// Columns lie one behind the other in the bytes of a customer, each has what a column
// needs, and all together stay within what a customer may take.
func TestColumnsAreWhole(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z_]{0,39}$`)
	columns := metric.Columns()
	who := make(metric.Who, metric.Width(columns))
	seen, end := map[string]bool{}, 0
	for _, c := range columns {
		if !name.MatchString(c.Name) || seen[c.Name] || strings.TrimSpace(c.Definition) == "" || c.Bytes < 1 || c.Observe == nil {
			t.Errorf("column %q: its name is taken or not of a-z and _, or it has no definition, no bytes or no Observe", c.Name)
		}
		seen[c.Name] = true
		in := c.In(who)
		if len(in) != c.Bytes || cap(in) != c.Bytes || end+c.Bytes > len(who) || &in[0] != &who[end] {
			t.Errorf("column %s does not begin where the one before it ends, at %d", c.Name, end)
		}
		end += c.Bytes
	}
	if end != len(who) || end > metric.MaxColumnBytes {
		t.Errorf("columns take %d bytes in %d; at most %d may be", end, len(who), metric.MaxColumnBytes)
	}
}

// Metrics cope with events of nobody, whatever the type.
func TestMetricsCopeWithNobody(t *testing.T) {
	vocab := vocabulary.DefaultVocabulary()
	for _, name := range vocab.Names() {
		for _, machine := range []bool{false, true} {
			ev := event.Event{Type: []byte(name.Name), Time: 1_700_000_000_000, Machine: machine, Product: []byte("p")}
			class, err := vocab.Classify(&ev)
			if err != nil {
				t.Fatal(err)
			}
			for _, who := range []metric.Who{nil, make(metric.Who, metric.Width(metric.Columns()))} {
				e := metric.Event{Event: &ev, Class: class, Vocabulary: vocab, Who: who}
				for _, m := range metric.All() {
					var row metric.Row
					if _, asked := m.Asked(&class, name.Type); !asked || m.Counts != nil && !m.Counts(&e, &row) {
						continue
					}
					if texts := m.Texts(&e); len(texts) != len(m.By) {
						t.Errorf("metric %s, type %s: dimensions %q", m.Name, name.Name, texts)
					}
				}
			}
		}
	}
}

// What is asked of nobody is as of a customer of whom nothing is known.
func TestNobodyIsNotKnown(t *testing.T) {
	for _, who := range []metric.Who{nil, make(metric.Who, metric.Width(metric.Columns()))} {
		if who.Stage() != 0 || who.FurthestStage() != 0 || who.Reached(1) || who.Sessions() != 0 || who.EngagedSeconds() != 0 ||
			who.Lead() || who.Ordered() || who.SeenOn(3) || who.Channels() != 0 || who.Devices() != 0 {
			t.Errorf("%d bytes: something is known", len(who))
		}
	}
}
