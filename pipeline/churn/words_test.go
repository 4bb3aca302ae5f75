package churn

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every language says everything that the first one does, and leaves no number
// out of it.
func TestEveryLanguageIsComplete(t *testing.T) {
	number := regexp.MustCompile(`{[a-z]+}`)
	numbers := func(phrase string) []string { return slices.Sorted(slices.Values(number.FindAllString(phrase, -1))) }
	english := languages[0]
	for _, group := range groups {
		if english.phrases[group.code] == "" {
			t.Errorf("%s has no phrase", group.code)
		}
	}
	if !slices.Equal(Languages(), []string{"en", "pt", "it"}) {
		t.Errorf("languages %v", Languages())
	}
	for _, l := range languages {
		if !slices.Equal(slices.Sorted(maps.Keys(l.phrases)), slices.Sorted(maps.Keys(english.phrases))) {
			t.Errorf("%s has other phrases than %s", l.name, english.name)
		}
		for key, phrase := range l.phrases {
			if !slices.Equal(numbers(phrase), numbers(english.phrases[key])) {
				t.Errorf("%s: %s has the numbers %v in %q", l.name, key, numbers(phrase), phrase)
			}
			if l != english && phrase == english.phrases[key] {
				t.Errorf("%s: %s is in %s", l.name, key, english.name)
			}
		}
		for _, unit := range l.units[:3] {
			if unit[0] == "" || unit[1] == "" {
				t.Errorf("%s has the units %v", l.name, l.units)
			}
		}
		if found, ok := languageOf(l.name); !ok || found != l {
			t.Errorf("%s is not found", l.name)
		}
	}
	if l, ok := languageOf(""); !ok || l != english {
		t.Error("no name is not English")
	}
	if _, ok := languageOf("EN"); ok {
		t.Error("there is a language EN")
	}
}

func TestWords(t *testing.T) {
	texts := func(language string, s State, now int64) string {
		config := testConfig()
		config.Language = language
		m := newModel(t, config)
		var all []string
		for _, reason := range m.Reasons(&s, now) {
			all = append(all, reason.Code+": "+reason.Text)
		}

		return strings.Join(all, "\n")
	}
	m := newModel(t, testConfig())
	var fortnightly, once, oneSlot State
	for i := range int64(30) {
		m.Observe(&fortnightly, Event{Time: epoch + i*14*day, Qualifying: true})
	}
	m.Observe(&fortnightly, Event{Time: fortnightly.Last() + 30*day})
	m.Observe(&once, Event{Time: epoch, Qualifying: true})
	// Within a hundredth of the horizon, so still the same visit.
	m.Observe(&once, Event{Time: epoch + 7*hour, Qualifying: true})
	start := epoch - epoch%m.Slot()
	m.Observe(&oneSlot, Event{Time: start, Qualifying: true})
	m.Observe(&oneSlot, Event{Time: start + 8*hour, Qualifying: true})

	now := fortnightly.Last() + 33*day
	tests := []struct {
		language string
		state    State
		now      int64
		want     []string
	}{
		{"", fortnightly, now, []string{
			"rhythm: usually every 14 days, silent for 33 days",
			"recency: last engagement 33 days ago",
			"trend: active in 2 of the 8 spans of 4 days up to the last engagement, in 3 of the 8 before",
			"history: active in 30 spans of 4 days since 439 days ago",
			"contact: last event of any kind 3 days ago",
		}},
		{"en", once, epoch + 19*day + 8*hour, []string{
			"rhythm: seen once, silent for 19 days",
			"trend: no second visit yet",
			"history: came once, 19 days ago, and not again",
		}},
		{"en", oneSlot, start + 19*day + 8*hour, []string{
			"rhythm: seen within one span of 4 days only, silent for 19 days",
			"trend: active within one span of 4 days only",
			"history: first came 19 days ago, active within one span of 4 days only",
		}},
		{"pt", fortnightly, now, []string{
			"rhythm: costuma vir a cada 14 dias, em silêncio há 33 dias",
			"trend: ativo em 2 dos 8 períodos de 4 dias até o último engajamento, em 3 dos 8 anteriores",
		}},
		{"it", fortnightly, now, []string{
			"rhythm: di solito ogni 14 giorni, in silenzio da 33 giorni",
			"trend: attivo in 2 degli 8 periodi di 4 giorni fino all'ultima interazione, in 3 degli 8 precedenti",
		}},
	}
	for _, test := range tests {
		got := texts(test.language, test.state, test.now)
		for _, want := range test.want {
			if !slices.Contains(strings.Split(got, "\n"), want) {
				t.Errorf("%q: got\n%s\nwant a line %q", test.language, got, want)
			}
		}
	}
}

func TestSpan(t *testing.T) {
	tests := []struct {
		ms   int64
		want string
	}{
		{0, "less than a minute"},
		{minute, "1 minute"},
		{2*minute - 1, "1 minute"},
		{2 * minute, "2 minutes"},
		{119*minute + 40_000, "120 minutes"},
		{2 * hour, "2 hours"},
		{47*hour + 40*minute, "48 hours"},
		{2 * day, "2 days"},
		{19*day + 11*hour, "19 days"},
		{19*day + 12*hour, "20 days"},
	}
	for _, test := range tests {
		if got := languages[0].span(test.ms); got != test.want {
			t.Errorf("%d ms: got %q, want %q", test.ms, got, test.want)
		}
	}
}
