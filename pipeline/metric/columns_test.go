package metric_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ebb/pipeline/amount"
	"ebb/pipeline/calendar"
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

// Metrics and censuses read no columns but those that they say: what they count is the
// same where all others are zero.
func TestMetricsReadWhatTheySay(t *testing.T) {
	vocab, all := vocabulary.DefaultVocabulary(), metric.Columns()
	random := rand.New(rand.NewPCG(3, 4))
	names := vocab.Names()
	read := map[string]bool{}
	for _, m := range metric.Tables() {
		for _, name := range m.Reads {
			read[name] = true
		}
		if kept := metric.Kept([]string{m.Name}, nil); len(kept) != len(m.Reads) {
			t.Errorf("metric %s reads %q, of which there are %d columns", m.Name, m.Reads, len(kept))
		}
	}
	if len(read) != len(all) {
		t.Errorf("of %d columns %d are read", len(all), len(read))
	}
	shape := shapes{rows: map[string]metric.Row{}, texts: map[string]string{}}
	only := func(who metric.Who, name string) metric.Who {
		masked := make(metric.Who, len(who))
		for _, c := range metric.Kept([]string{name}, nil) {
			copy(c.In(masked), c.In(who))
		}

		return masked
	}
	for range 5 {
		who, at := make(metric.Who, metric.Width(all)), int64(1_700_000_000_000)
		for range 100 {
			at += random.Int64N(20 * 3_600_000)
			name := names[random.IntN(len(names))]
			ev := event.Event{
				Type: []byte(name.Name), Time: at, Product: []byte{'p', byte('0' + random.IntN(4))}, Device: []byte{'d', byte('0' + random.IntN(3))},
				Value: amount.Of(int64(random.IntN(100))), Fields: event.HasValue, Currency: []byte([]string{"", "EUR", "USD"}[random.IntN(3)]),
				Campaign: []byte([]string{"", "spring"}[random.IntN(2)]),
			}
			class, err := vocab.Classify(&ev)
			if err != nil {
				t.Fatal(err)
			}
			day := calendar.Day(at / 86_400_000)
			e := metric.Event{Event: &ev, Class: class, Vocabulary: vocab, Who: who, Day: day}
			for _, m := range metric.All() {
				if _, asked := m.Asked(&class, name.Type); !asked || m.Counts == nil {
					continue
				}
				var row, masked metric.Row
				e := metric.Event{Event: &ev, Class: class, Vocabulary: vocab, Who: who, Day: day}
				alone := e
				alone.Who = only(who, m.Name)
				shape.check(t, m, &e)
				if counts := m.Counts(&e, &row); counts != m.Counts(&alone, &masked) || row != masked || counts && !slices.Equal(m.Texts(&e), m.Texts(&alone)) {
					t.Errorf("metric %s reads more than %q", m.Name, m.Reads)
				}
			}
			for _, c := range metric.Censuses() {
				var rows [2][]*metric.CensusRow
				for i, w := range []metric.Who{who, only(who, c.Name)} {
					tally := c.NewTally()
					c.Counts(&metric.Person{Day: day, Who: w, Seen: w.Seen(), Engaged: w.Engaged()}, tally)
					rows[i] = tally.Rows()
				}
				if !reflect.DeepEqual(rows[0], rows[1]) {
					t.Errorf("census %s reads more than %q", c.Name, c.Reads)
				}
			}
			for _, c := range all {
				if c.Takes == nil || c.Takes(&class, name.Type) {
					c.Observe(&e, c.In(who))
				}
			}
		}
	}
}

// shapes is what metrics said so far: those that look at nothing but the classification
// say the same of all its events, and rows of the same code have the same dimensions.
type shapes struct {
	rows  map[string]metric.Row
	texts map[string]string
}

func (s *shapes) check(t *testing.T, m *metric.Metric, e *metric.Event) {
	t.Helper()
	var row metric.Row
	if counts := m.Counts(e, &row); !counts {
		return
	}
	class := fmt.Sprint(m.Name, e.Class)
	if before, known := s.rows[class]; m.OfClass && known && before != row {
		t.Errorf("metric %s looks at more than the classification", m.Name)
	}
	s.rows[class] = row
	texts := fmt.Sprintf("%q", m.Texts(e))
	same := func(of string) {
		if before, known := s.texts[of]; known && before != texts {
			t.Errorf("metric %s has the dimensions %s and %s of %s", m.Name, before, texts, of)
		}
		s.texts[of] = texts
	}
	if m.ByClass {
		same(class)
	}
	if m.Code == nil {
		return
	}
	if code, ok := m.Code(e); ok {
		same(fmt.Sprint(m.Name, " code ", code))
	}
}
