package churn

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write WORDS.md anew")

const wordsFile = "WORDS.md"

// TestWordsAreWrittenDown keeps the list of all phrases, with an example each,
// as they are. go generate writes it.
func TestWordsAreWrittenDown(t *testing.T) {
	want := writtenDown(t)
	if *update {
		if err := os.WriteFile(wordsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(wordsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not current; run go generate ./pipeline/churn", wordsFile)
	}
}

// exemplary are the facts of the examples.
func exemplary() *Facts {
	march := int64(1_772_496_000_000) // 2026-03-03

	return &Facts{
		Now: march + 40*day, Silent: 41 * day, Every: 14 * day, Known: 400 * day, Contact: 5 * day,
		VisitsRecent: 3, VisitsBefore: 9, Rating: -35, Messages: 6, TroubleAt: march, LeftAt: march,
	}
}

func writtenDown(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	out.WriteString(`# What signals say

Made by ` + "`go generate`" + ` from the phrases in ` + "`words_*.go`" + `: every phrase of every language, with an example. In an
example the horizon is 30 days, the customer came every two weeks and has been silent for 41 days. A signal has a
first sentence (` + "`headline`" + `), one to three reasons, and, where a level is raised, a last sentence (` + "`if_back`" + `).
Phrases that end in ` + "`.bought`" + ` are of customers every engagement of whom was a purchase.

Lengths of time are in the largest unit that people would use, up to ten in words, "about" where they are off by more
than a twentieth. Ratings are on a scale from 0 to 10, whatever scale they came on. Dates are in UTC; their year is said
after 300 days. A visit begins after a pause of a hundredth of the horizon.
`)
	facts := exemplary()
	for _, l := range languages {
		config := testConfig()
		config.Language = l.name
		m := newModel(t, config)
		fmt.Fprintf(&out, "\n## %s (`%s`)\n\n| phrase | template | example |\n|---|---|---|\n", l.english, l.name)
		for _, form := range slices.Sorted(maps.Keys(l.phrases)) {
			f := *facts
			switch {
			case strings.HasPrefix(form, "trend.rose"):
				f.VisitsRecent, f.VisitsBefore = 9, 3
			case strings.HasPrefix(form, "recency.back"):
				f.Silent = 2 * day
			}
			phrase := l.phrases[form]
			fmt.Fprintf(&out, "| %s | %s | %s |\n", form, phrase, example(m, form, &f))
		}
		fmt.Fprintf(&out, "\nLengths of time:")
		for i, ms := range []int64{
			5 * second, 30 * second, minute, 45 * minute, hour, 5 * hour, day, 5 * day, week, 17 * day, month, 61 * day, 100 * day, 330 * day, year, 900 * day,
		} {
			separator := ";"
			if i == 0 {
				separator = ""
			}
			fmt.Fprintf(&out, "%s %s (%s)", separator, l.span(ms), l.every(ms))
		}
		out.WriteString(".\n")
	}

	return out.String()
}

// example is a phrase with something in its places.
func example(m *Model, form string, f *Facts) string {
	l := m.language
	switch {
	case strings.HasPrefix(form, adviceForm):
		back := m.fill(l.phrases[backForm], func(string) string { return l.toPercent(3100) })

		return capital(m.fill(l.phrases[form], func(string) string { return back }))
	case strings.HasPrefix(form, headlineForm):
		return m.fill(l.phrases[form], func(string) string { return "87" })
	case strings.HasPrefix(form, backForm):
		return m.fill(l.phrases[form], func(string) string { return l.toPercent(1100) })
	}

	return m.say(form, f)
}
