package churn

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReasonsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, now := drawCustomer(t, m)
		reasons := m.Reasons(&s, now)
		if !s.Known() {
			if len(reasons) != 0 {
				t.Fatalf("reasons for a customer who never engaged: %+v", reasons)
			}

			return
		}
		p := m.Population()
		inside := func(p float64) float64 { return logOdds(min(max(p, 1e-6), 1-1e-6)) }
		want := inside(p.risk(m.history(&s, now))) - p.logOdds(p.reference())
		var sum float64
		codes := map[string]bool{}
		for i, reason := range reasons {
			sum += reason.LogOdds
			codes[reason.Code] = true
			if i > 0 && reason.LogOdds > reasons[i-1].LogOdds {
				t.Fatalf("reasons out of order: %+v", reasons)
			}
			if reason.Text == "" || reason.Silent < 0 || reason.Known < reason.Silent && now >= s.Last() || (reason.Every <= 0) != (s.First() == s.Last() || s.Slots() == 1) {
				t.Fatalf("numbers don't fit together: %+v", reason)
			}
		}
		if math.Abs(sum-want) > 2e-4 {
			t.Fatalf("parts add up to %v, want %v: %+v", sum, want, reasons)
		}
		if len(codes) != groups {
			t.Fatalf("got codes %v, want %d", codes, groups)
		}
	})
}

// A part speaks for leaving exactly if its number would do so alone, whatever
// else is known.
func TestReasonsPointTheRightWay(t *testing.T) {
	m := newModel(t, Defaults())
	start := int64(1_700_000_000_000)
	part := func(s State, now int64, code string) float64 {
		for _, reason := range m.Reasons(&s, now) {
			if reason.Code == code {
				return reason.LogOdds
			}
		}
		t.Fatalf("no reason %s", code)

		return 0
	}

	var weekly State
	for i := range int64(10) {
		m.Observe(&weekly, start+i*7*day, true)
	}
	if got := part(weekly, weekly.Last()+40*day, CodeRhythm); got <= 1 {
		t.Errorf("rhythm of a weekly customer silent for 40 days is %v, want more than 1", got)
	}
	if got := part(weekly, weekly.Last()+day, CodeRhythm); got >= 0 {
		t.Errorf("rhythm of a weekly customer silent for a day is %v, want it below 0", got)
	}

	var yearly State
	for i := range int64(4) {
		m.Observe(&yearly, start+i*365*day, true)
	}
	if got := part(yearly, yearly.Last()+day, CodeFrequency); got <= 1 {
		t.Errorf("frequency of a yearly customer is %v, want more than 1", got)
	}

	var once State
	m.Observe(&once, start, true)
	if got := part(once, start+day, CodeHistory); got <= 0 {
		t.Errorf("history of a customer seen once is %v, want it above 0", got)
	}
}

func TestWords(t *testing.T) {
	m := newModel(t, Defaults())
	start := int64(1_700_000_000_000)
	texts := func(s State, now int64) string {
		var all []string
		for _, reason := range m.Reasons(&s, now) {
			all = append(all, reason.Code+": "+reason.Text)
		}

		return strings.Join(all, "\n")
	}

	var fortnightly State
	for i := range int64(30) {
		m.Observe(&fortnightly, start+i*14*day, true)
	}
	got := texts(fortnightly, fortnightly.Last()+33*day)
	for _, want := range []string{
		"rhythm: usually every 14 days, silent for 33 days",
		"frequency: comes every 14 days, customers every 14 days on average",
		"history: came 30 times in 439 days",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant a line %q", got, want)
		}
	}

	var daily State
	for i := range int64(200) {
		m.Observe(&daily, start+i*day, true)
	}
	if got := texts(daily, daily.Last()+90*minute); !strings.Contains(got, "usually every 4 days or more often, silent for 90 minutes") {
		t.Errorf("a daily customer: got\n%s", got)
	}

	var once State
	m.Observe(&once, start, true)
	got = texts(once, start+19*day)
	for _, want := range []string{"rhythm: seen once, silent for 19 days", "history: came once, 19 days ago, and not again", "frequency: no rhythm yet, customers come every 14 days on average"} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant a line %q", got, want)
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
		if got := span(test.ms); got != test.want {
			t.Errorf("%d ms: got %q, want %q", test.ms, got, test.want)
		}
	}
}

// The gap that is stated is the customer's own, not one shrunk towards others.
func TestUsualGap(t *testing.T) {
	m := newModel(t, Defaults())
	for _, gap := range []int64{4, 7, 14, 30, 90, 400} {
		for visits := int64(2); visits <= 50; visits += 4 {
			var s State
			for i := range visits {
				m.Observe(&s, 1_600_000_000_000+i*gap*day, true)
			}
			got := m.Reasons(&s, s.Last())[0].Every
			if slack := m.slot; got < gap*day-slack || got > gap*day+slack {
				t.Errorf("%d visits every %d days: got %v days", visits, gap, float64(got)/float64(day))
			}
		}
	}
}
