package meaning_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/meaning"
	"ebb/pipeline/vocabulary"
)

func TestConfigRefuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*meaning.Config)
		want   string // in the error; "" where it is good
	}{
		{"nothing", func(*meaning.Config) {}, ""},
		{"too few identities", func(c *meaning.Config) { c.Duplicates.AtMost = 999 }, "duplicates at most is 999; it must be 1000 to 1073741824"},
		{"too many identities", func(c *meaning.Config) { c.Duplicates.AtMost = 1<<30 + 1 }, "duplicates at most is 1073741825"},
		{"ids for too short", func(c *meaning.Config) { c.Duplicates.ByID, c.Duplicates.Keep = true, time.Second }, "duplicates keep is 1s; it must be 1m0s to 744h0m0s"},
		{"ids for too long", func(c *meaning.Config) { c.Duplicates.ByID, c.Duplicates.Keep = true, 745*time.Hour }, "duplicates keep is 745h0m0s"},
		{"ids for a day", func(c *meaning.Config) { c.Duplicates.ByID, c.Duplicates.Keep = true, 24*time.Hour }, ""},
		{"a span without ids", func(c *meaning.Config) { c.Duplicates.Keep = time.Hour }, "duplicates keep is 1h0m0s, but they are told by time"},
		{"customers for less than nothing", func(c *meaning.Config) { c.Keep = -1 }, "keep is -1ns; it must be 0 to 3650 days"},
		{"no windows", func(c *meaning.Config) { c.Lengths = nil }, "no window lengths"},
		{"a currency of nobody", func(c *meaning.Config) { c.Currency = "EURO" }, `currency is "EURO"`},
		{"two at once", func(c *meaning.Config) { c.CutRecords, c.Duplicates.AtMost = 0, 0 }, "cut records is 0; it must be 1 to 1,000,000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := meaning.DefaultConfig()
			test.change(&config)
			err := config.Validate()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// A customer stays as long as is set, but no shorter than three horizons and than the
// longest window with its lateness reach; 0 is for ever.
func TestKeepSpans(t *testing.T) {
	const day = 24 * time.Hour
	config := meaning.DefaultConfig()
	config.Churn.Horizon = (10 * day).Milliseconds()
	config.Lateness, config.Skew = day, time.Hour
	for _, test := range []struct{ keep, anonymous, known, unknown time.Duration }{
		{0, 0, 0, 0},
		{730 * day, 90 * day, 730 * day, 90 * day},
		{730 * day, day, 730 * day, 30 * day},
		{29 * day, 0, 30 * day, 0},
	} {
		config.Keep, config.KeepAnonymous = test.keep, test.anonymous
		if known, anonymous := config.KeepSpans(); known != test.known || anonymous != test.unknown {
			t.Errorf("kept for %v and %v with %v and %v set, want %v and %v", known, anonymous, test.keep, test.anonymous, test.known, test.unknown)
		}
	}
	config.Keep, config.Churn.Horizon = day, day.Milliseconds() // the windows of 28 days reach further
	if known, _ := config.KeepSpans(); known != 29*day+time.Hour {
		t.Errorf("kept for %v, want the 28 days of a window, the lateness and the skew", known)
	}
}

// What a change does is said once, however many lines it has.
func TestSentences(t *testing.T) {
	before, after := meaning.DefaultConfig(), meaning.DefaultConfig()
	after.Lateness = time.Hour
	after.CutRecords = 7
	after.Vocabulary.Types = []vocabulary.TypeConfig{{Type: "quiz.finished", Kind: "active"}, {Type: "quiz.seen", Kind: "passive"}}
	lines := meaning.Sentences(meaning.Differences(&before, &after))
	if len(lines) != 4 {
		t.Fatalf("%d lines, want the lateness, the records and two types: %q", len(lines), lines)
	}
	for note, want := range map[string]int{"(what is final stays final)": 1, "(events from here on; what was counted stays)": 1} {
		got := 0
		for _, line := range lines {
			got += strings.Count(line, note)
		}
		if got != want {
			t.Errorf("%q is said %d times in %q", note, got, lines)
		}
	}
	if i := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "cut.records") }); i < 0 || strings.Contains(lines[i], "(") {
		t.Errorf("no plain line of the records in %q", lines)
	}
	if same := meaning.Sentences(meaning.Differences(&before, &before)); len(same) != 0 {
		t.Errorf("nothing changed, and it says %q", same)
	}
}
