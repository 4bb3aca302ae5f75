package churn

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every language says everything that the first one does, with the same numbers.
func TestEveryLanguageIsComplete(t *testing.T) {
	place := regexp.MustCompile(`{[a-z]+}`)
	places := func(phrase string) []string { return slices.Sorted(slices.Values(place.FindAllString(phrase, -1))) }
	first := languages[0]
	if !slices.Equal(Languages(), []string{"en", "pt", "pt-PT", "it"}) {
		t.Errorf("languages %v", Languages())
	}
	for _, l := range languages {
		if !slices.Equal(slices.Sorted(maps.Keys(l.phrases)), slices.Sorted(maps.Keys(first.phrases))) {
			t.Errorf("%s has other phrases than %s", l.name, first.name)
		}
		for form, phrase := range l.phrases {
			if !slices.Equal(places(phrase), places(first.phrases[form])) {
				t.Errorf("%s: %s has the places %v in %q", l.name, form, places(phrase), phrase)
			}
			if l != first && phrase == first.phrases[form] && form != "advice.plain" {
				t.Errorf("%s: %s is in %s", l.name, form, first.name)
			}
		}
		if found, ok := languageOf(l.name); !ok || found != l {
			t.Errorf("%s is not found", l.name)
		}
	}
	if l, ok := languageOf(""); !ok || l != first {
		t.Error("no name is not English")
	}
	if _, ok := languageOf("EN"); ok {
		t.Error("there is a language EN")
	}
}

// Whoever can be told of trouble or took notice has a phrase for it, and advice
// is only given on what is said.
func TestEveryFormHasAPhrase(t *testing.T) {
	for _, l := range languages {
		forms := []string{"left", "rhythm", "recency", "recency.calm", "trend.fell", "trend.rose", "pressure", "negatives.complaint.settled"}
		for trouble := range Trouble(Troubles) {
			forms = append(forms, "negatives."+trouble.String())
		}
		for notice := NoNotice + 1; notice < Notices; notice++ {
			forms = append(forms, "contact."+notice.String())
		}
		for _, score := range []Score{0, likely, probable, sure} {
			forms = append(forms, headlineForm+band(score))
		}
		for _, form := range forms {
			if l.phrases[form] == "" {
				t.Errorf("%s has no phrase %s", l.name, form)
			}
		}
		for form := range l.phrases {
			said, advice := strings.CutPrefix(form, adviceForm)
			if advice && said != "plain" && l.phrases[said] == "" {
				t.Errorf("%s: %s is advice on nothing", l.name, form)
			}
		}
	}
}

func TestSpan(t *testing.T) {
	tests := []struct {
		ms                      int64
		english, every, italian string
		brazilian, european     string
	}{
		{0, "a few seconds", "every few seconds", "pochi secondi", "poucos segundos", "de poucos em poucos segundos"},
		{50 * second, "50 seconds", "every 50 seconds", "50 secondi", "50 segundos", "de 50 em 50 segundos"},
		{minute, "a minute", "every minute", "un minuto", "um minuto", "de minuto a minuto"},
		{2 * minute, "two minutes", "every two minutes", "due minuti", "dois minutos", "de dois em dois minutos"},
		{47 * minute, "45 minutes", "every 45 minutes", "45 minuti", "45 minutos", "de 45 em 45 minutos"},
		{hour, "an hour", "every hour", "un'ora", "uma hora", "de hora a hora"},
		{100 * minute, "about an hour and a half", "every hour and a half", "circa un'ora e mezza", "cerca de uma hora e meia", "de hora e meia em hora e meia"},
		{110 * minute, "about two hours", "every two hours", "circa due ore", "cerca de duas horas", "de duas em duas horas"},
		{day, "a day", "every day", "un giorno", "um dia", "todos os dias"},
		{35 * hour, "a day and a half", "every day and a half", "un giorno e mezzo", "um dia e meio", "de dia e meio em dia e meio"},
		{45 * hour, "about two days", "every two days", "circa due giorni", "cerca de dois dias", "de dois em dois dias"},
		{7 * day, "a week", "every week", "una settimana", "uma semana", "todas as semanas"},
		{10*day + 9*hour, "10 days", "", "", "", ""},
		{12 * day, "12 days", "every 12 days", "12 giorni", "12 dias", "de 12 em 12 dias"},
		{38 * day, "about five weeks", "every five weeks", "circa cinque settimane", "cerca de cinco semanas", "de cinco em cinco semanas"},
		{42 * day, "six weeks", "every six weeks", "sei settimane", "seis semanas", "de seis em seis semanas"},
		{30 * day, "a month", "every month", "un mese", "um mês", "todos os meses"},
		{60 * day, "two months", "every two months", "due mesi", "dois meses", "de dois em dois meses"},
		{75 * day, "11 weeks", "every 11 weeks", "11 settimane", "11 semanas", "de 11 em 11 semanas"},
		{100 * day, "about three months", "every three months", "circa tre mesi", "cerca de três meses", "de três em três meses"},
		{330 * day, "almost a year", "every year", "quasi un anno", "quase um ano", "todos os anos"},
		{365 * day, "a year", "every year", "un anno", "um ano", "todos os anos"},
		{450 * day, "15 months", "every 15 months", "15 mesi", "15 meses", "de 15 em 15 meses"},
		{540 * day, "a year and a half", "every year and a half", "un anno e mezzo", "um ano e meio", "de ano e meio em ano e meio"},
		{800 * day, "about two years", "every two years", "circa due anni", "cerca de dois anos", "de dois em dois anos"},
		{MaxTime, "231 years", "every 231 years", "231 anni", "231 anos", "de 231 em 231 anos"},
	}
	for _, test := range tests {
		if test.every == "" {
			test.english = "ten days" // in words up to ten
		}
		got := []string{languages[0].span(test.ms), languages[0].every(test.ms), languages[3].span(test.ms), languages[1].span(test.ms), languages[2].every(test.ms)}
		want := []string{test.english, test.every, test.italian, test.brazilian, test.european}
		for i := range got {
			if got[i] != want[i] && want[i] != "" {
				t.Errorf("%d ms: got %q, want %q", test.ms, got[i], want[i])
			}
		}
	}
}

// What a horizon is called, and how often something comes in one.
func TestHorizonInWords(t *testing.T) {
	for _, test := range []struct {
		ms                                   int64
		within, english, brazilian, italians string
	}{
		{30 * day, "30 days", "a month", "por mês", "al mese"},
		{7 * day, "seven days", "a week", "por semana", "alla settimana"},
		{day, "a day", "a day", "por dia", "al giorno"},
		{90 * day, "90 days", "a quarter", "por trimestre", "al trimestre"},
		{365 * day, "365 days", "a year", "por ano", "all'anno"},
		{14 * day, "14 days", "every 14 days", "a cada 14 dias", "ogni 14 giorni"},
		{6 * hour, "six hours", "every six hours", "a cada seis horas", "ogni sei ore"},
		{hour, "an hour", "an hour", "por hora", "all'ora"},
	} {
		got := []string{languages[0].exactly(test.ms), languages[0].period(test.ms), languages[1].period(test.ms), languages[3].period(test.ms)}
		if want := []string{test.within, test.english, test.brazilian, test.italians}; !slices.Equal(got, want) {
			t.Errorf("%d ms: got %q, want %q", test.ms, got, want)
		}
	}
}

// Articles and prepositions are those that belong to the number.
func TestNumbersTakeTheirArticles(t *testing.T) {
	en, pt, ptPT, it := languages[0], languages[1], languages[2], languages[3]
	for score, want := range map[Score]string{
		0: "sotto l'1%", 100: "all'1%", 800: "all'8%", 1100: "all'11%", 1200: "al 12%", 1800: "al 18%", 2850: "al 29%",
		7999: "all'80%", 8800: "all'88%", 9000: "al 90%", 9950: "oltre il 99%",
	} {
		if got := it.toPercent(score); got != want {
			t.Errorf("%d: %q, want %q", score, got, want)
		}
	}
	if got := en.toPercent(40) + pt.toPercent(40); got != "below 1%menos de 1%" {
		t.Error(got)
	}
	march := int64(1_772_323_200_000) // 2026-03-01
	for _, test := range []struct {
		l        *Language
		day, ago int64
		want     string
	}{
		{en, 3, 0, "on 3 March"}, {en, 3, 299, "on 3 March"}, {en, 3, 300, "on 3 March 2026"},
		{pt, 1, 0, "em 1º de março"}, {pt, 3, 400, "em 3 de março de 2026"},
		{ptPT, 1, 0, "a 1 de março"},
		{it, 1, 0, "il 1º marzo"}, {it, 3, 0, "il 3 marzo"}, {it, 8, 0, "l'8 marzo"}, {it, 11, 400, "l'11 marzo 2026"},
	} {
		at := march + (test.day-1)*day
		if got := test.l.date(at, at+test.ago*day); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// The dictionary has what texts are made of.
func TestDictionary(t *testing.T) {
	for _, l := range languages {
		words, err := Dictionary(l.name, 30*day)
		if err != nil {
			t.Fatal(err)
		}
		for ms := int64(0); ms < 3000*day; ms = ms*21/20 + 7*second {
			s := spanOf(ms)
			key := fmt.Sprint(spans[s.unit].name, ".", s.n)
			if s.n == 0 {
				key = fewSeconds
			}
			if got := words[s.approx] + words["span."+key]; got != l.span(ms) || words["every."+key] != l.every(ms) {
				t.Fatalf("%s: %d ms are %q and %q, the dictionary has %q and %q for %s", l.name, ms, l.span(ms), l.every(ms), got, words["every."+key], key)
			}
		}
	}
	if _, err := Dictionary("xx", day); err == nil {
		t.Error("there is a dictionary of xx")
	}
}

// A list says in the language of the signals why somebody is silent.
func TestListsSpeakEveryLanguage(t *testing.T) {
	for _, code := range []string{CodeRhythm, CodeRecency, CodeHistory, CodeContact} {
		english := ListedIn("", code)
		if english == "" {
			t.Errorf("%s is not listed", code)
		}
		for _, language := range Languages()[1:] {
			if word := ListedIn(language, code); word == "" || word == english {
				t.Errorf("%s in %s is %q", code, language, word)
			}
		}
	}
	if word := ListedIn("it", CodeTrend); word != "" {
		t.Errorf("a reason that says more is listed as %q", word)
	}
}
