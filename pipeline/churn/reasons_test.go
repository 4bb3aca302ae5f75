package churn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// meanings are what reasons say, by code.
var meanings = map[string]string{
	CodeRhythm: "silent", CodeRecency: "silent", CodeHistory: "silent", CodeContact: "silent",
	CodeTrend: "trend", CodeNegatives: "negatives", CodeExperience: "experience", CodePressure: "pressure", CodeLeft: "left",
}

// checkReasons says what is wrong with the reasons of a signal.
func checkReasons(reasons []Reason, raised bool) string {
	said := map[string]bool{}
	for i, reason := range reasons {
		meaning := meanings[reason.Code]
		switch {
		case meaning == "":
			return "an unknown code"
		case said[meaning]:
			return "two of one meaning"
		case raised && reason.LogOdds < 0 || !raised && reason.LogOdds > 0:
			return "one that speaks against the signal"
		case i > 0 && math.Abs(reason.LogOdds) > math.Abs(reasons[i-1].LogOdds):
			return "out of order"
		case reason.LogOdds == 0 && len(reasons) > 1:
			return "one that tells nothing beside others"
		case reason.Text == "" || strings.ContainsAny(reason.Text, "{}"):
			return "a text that is none"
		case len(reason.Numbers) == 0 && reason.Code != CodeTrend:
			return "no numbers"
		}
		said[meaning] = true
	}
	if len(reasons) > MostReasons {
		return "more than three"
	}

	return ""
}

func TestReasonsOfAnyCustomer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, now := drawCustomer(t, m)
		reasons, recovery := m.Reasons(&s, now), m.Recovery(&s, now)
		if !s.Known() {
			if len(reasons)+len(recovery) != 0 {
				t.Fatalf("reasons for a customer who never engaged: %+v, %+v", reasons, recovery)
			}

			return
		}
		if s.Left() {
			if len(reasons) != 1 || reasons[0].Code != CodeLeft || reasons[0].Text == "" {
				t.Fatalf("reasons for a customer who has left: %+v", reasons)
			}

			return
		}
		if problem := checkReasons(reasons, true); problem != "" {
			t.Fatalf("%s: %+v", problem, reasons)
		}
		if problem := checkReasons(recovery, false); problem != "" || len(recovery) == 0 {
			t.Fatalf("%s: %+v", problem, recovery)
		}
		if now-s.last >= m.patience && len(reasons) == 0 {
			t.Fatalf("no reason after a silence of %d ms", now-s.last)
		}
		for _, reason := range reasons {
			for name, value := range reason.Numbers {
				if value < 0 && name != "rating" {
					t.Fatalf("%s is %d, below 0: %+v", name, value, reason)
				}
			}
		}
	})
}

// The part of the silence is by how much it has raised the log-odds.
func TestSilenceIsTheRiseSinceTheLastEngagement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		var s State
		at := epoch
		for range rapid.IntRange(1, 20).Draw(t, "visits") {
			at += rapid.Int64Range(1, m.Horizon()).Draw(t, "gap")
			m.Observe(&s, Event{Time: at, Qualifying: true})
		}
		now := at + rapid.Int64Range(0, 5*m.Horizon()).Draw(t, "silence")
		look := m.look(&s)
		want := look.steady(now) - look.steady(at)
		for _, reason := range m.Reasons(&s, now) {
			if meanings[reason.Code] == "silent" && math.Abs(reason.LogOdds-want) > 1e-4 {
				t.Fatalf("%+v, want %v", reason, want)
			}
		}
	})
}

// Every term is explained, as one that rests is not, or as one that grows.
func TestReasonsInWords(t *testing.T) {
	type told struct {
		after int64 // days after the latest visit
		event Event
	}
	every := func(days, visits int64, value float64) (s State) {
		m := newModel(t, testConfig())
		for i := range visits {
			m.Observe(&s, Event{Time: epoch + i*days*day, Qualifying: true, Value: value})
		}

		return s
	}
	faded := every(3, 20, 0)
	{
		m := newModel(t, testConfig())
		for _, after := range []int64{10, 20} {
			m.Observe(&faded, Event{Time: epoch + (57+after)*day, Qualifying: true})
		}
	}
	complaint := told{2, Event{Negative: true, Trouble: Complaint}}
	tests := []struct {
		name   string
		state  State
		silent int64 // days
		told   []told
		want   map[string][]string // by language; the one of each code that is not ""
		last   string              // how the last sentence in English begins
	}{
		{"regular", every(14, 20, 5), 42, nil, map[string][]string{
			"en":    {"bought every two weeks or so, now silent for six weeks"},
			"pt":    {"comprava a cada duas semanas, mais ou menos; não compra há seis semanas"},
			"pt-PT": {"comprava de duas em duas semanas, mais ou menos; não compra há seis semanas"},
			"it":    {"comprava ogni due settimane circa, ora non compra da sei settimane"},
		}, "One purchase now would bring the risk to "},
		{"once", every(1, 1, 0), 35, nil, map[string][]string{
			"en": {"came once, five weeks ago"}, "pt": {"veio uma única vez, há cinco semanas"},
			"it": {"è venuto una volta sola, cinque settimane fa"},
		}, "Give them a reason to come again; one visit now"},
		{"reads on", every(7, 30, 9), 50, []told{{45, Event{Notice: OpenedMail}}}, map[string][]string{
			"en": {"opens our mails, but has stopped buying: nothing for seven weeks"},
			"pt": {"abre nossos e-mails, mas parou de comprar: nada há sete semanas"},
		}, "They still read you, so a good offer may do; one purchase now"},
		{"read long ago", every(7, 30, 9), 50, []told{{10, Event{Notice: OpenedMail}}}, map[string][]string{
			"en": {"bought every week or so, now silent for seven weeks"},
		}, "One purchase now"},
		{"complaint", every(7, 30, 0), 21, []told{complaint}, map[string][]string{
			"en": {"came every week or so, now silent for three weeks", "complained on 6 June, not resolved"},
			"it": {"veniva ogni settimana circa, ora non si vede da tre settimane", "ha reclamato il 6 giugno, problema non ancora risolto"},
		}, "Settle the complaint first; one visit now"},
		{"settled", every(7, 30, 0), 21, []told{complaint, {3, Event{Settles: true}}}, map[string][]string{
			"en": {"came every week or so, now silent for three weeks", "complained on 6 June, resolved since"},
		}, "One visit now"},
		{"rated", every(7, 30, 0), 21, []told{{2, Event{Rated: true, Scored: true, Experience: -0.4}}}, map[string][]string{
			"en": {"came every week or so, now silent for three weeks", "rated us 3 of 10"},
			"pt": {"vinha toda semana, mais ou menos; não vem há três semanas", "nos deu nota 3 de 10"},
		}, "Ask what went wrong; one visit now"},
		{"faded", faded, 20, nil, map[string][]string{
			"en": {"came about", "visits fell from"},
		}, "Find out what has changed; one visit now"},
		{"a usual pause", every(14, 20, 0), 16, nil, map[string][]string{"en": {"last came about two weeks ago"}}, "One visit now"},
	}
	for _, test := range tests {
		for language, want := range test.want {
			config := testConfig()
			config.Language = language
			m := newModel(t, config)
			s := test.state
			last := s.Last()
			for _, told := range test.told {
				told.event.Time = last + told.after*day
				m.Observe(&s, told.event)
			}
			now := last + test.silent*day
			reasons := m.Reasons(&s, now)
			got := make([]string, len(reasons))
			for i, reason := range reasons {
				got[i] = reason.Text
			}
			if test.name == "faded" {
				if !slices.ContainsFunc(got, func(text string) bool { return strings.HasPrefix(text, "visits fell from 10 to") }) {
					t.Errorf("%s: %q", test.name, got)
				}
			} else if !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", test.name, got, want)
			}
			if _, words := m.IfBack(s, now, reasons); language == "en" && !strings.HasPrefix(words, test.last) {
				t.Errorf("%s: the last sentence is %q, want it to begin with %q", test.name, words, test.last)
			}
		}
	}
}

// After two months without them, the silence says more of the daily customer
// than of the weekly one, and more of that one than of the monthly one.
func TestSilenceOfQuickCustomersSaysMore(t *testing.T) {
	for name, config := range map[string]Config{"tests' own prior": testConfig(), "shipped prior": Defaults()} {
		m := newModel(t, config)
		least := math.Inf(-1)
		for _, every := range []int64{30, 7, 1} {
			var s State
			for at := int64(0); at <= 210; at += every {
				m.Observe(&s, Event{Time: epoch + at*day, Qualifying: true})
			}
			reasons := m.Reasons(&s, s.Last()+60*day)
			if len(reasons) != 1 || reasons[0].LogOdds <= least {
				t.Fatalf("%s: every %d days: %+v, want one above %v", name, every, reasons, least)
			}
			least = reasons[0].LogOdds
		}
	}
}
