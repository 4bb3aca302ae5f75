package backtest

import (
	"math"
	"strings"
	"testing"
)

// judged is a report of a detector that told of so many, of whom so many were
// lost, of so many losses.
func judged(raised int, precision Number, losses int, recall Number) *Report {
	r := &Report{Horizon: 90 * dayMS, Churn: tenDays()}
	r.Signals = Signals{
		Raised: raised, Precision: precision, Promised: 0.535, RecallInTime: recall, Losses: losses,
		ShareSignalled: 0.428, DaysAfter: 12.2, PerDay: 9.4 / 7,
	}
	r.RuleSilentFor = SilentFor{Days: 73.1, Raised: raised, Precision: 0.51, RecallInTime: 0}

	return r
}

func TestVerdictIsOneThatAManagerReads(t *testing.T) {
	nan := Number(math.NaN())
	for _, test := range []struct {
		name   string
		report *Report
		want   string
	}{
		{"many", judged(1733, 0.592, 2229, 0.415), "Of 100 customers we would have told you about, 59 did not come back within 90 days; 42 of 100 losses were told in time. Half of the messages come within 12 days of the last visit."},
		{"few", judged(40, 0.35, 45, 0.4), "We would have told you of a customer 40 times; 14 times they did not come back within 90 days; 18 of 45 losses were told in time."},
		{"one, right", judged(1, 1, 1, 1), "We would have told you of a customer once; they did not come back within 90 days; the one loss was told in time."},
		{"two, both wrong", judged(2, 0, 3, 0), "We would have told you of a customer twice; each time they came back within 90 days; none of the losses were told in time."},
		{"three, all right", judged(3, 1, 3, 1.0/3), "We would have told you of a customer 3 times; each time they did not come back within 90 days; 1 of 3 losses was told in time."},
		{"no loss", judged(5, 0, 0, nan), "each time they came back within 90 days; nobody was lost."},
		{"nobody told of", judged(0, nan, 2229, 0), "We would have told you of nobody, although customers stayed away for 90 days 2,229 times."},
		{"nobody new", judged(0, nan, 2, 0.5), "We would have told you of nobody new in the time that can be judged. Customers stayed away for 90 days twice; 1 of 2 losses was told in time, before it began."},
		{"nothing", judged(0, nan, 0, nan), "Nobody stayed away for 90 days, and we would have told you of nobody: there is nothing here to judge signals by."},
		{"hardly any right", judged(900, 0.002, 300, 1), "about, fewer than 1 did not come back within 90 days; all losses were told in time."},
		{"all right", judged(900, 1, 300, 0.999), "about, 100 did not come back within 90 days; more than 99 of 100 losses were told in time."},
	} {
		t.Run(test.name, func(t *testing.T) {
			verdict := test.report.Verdict()
			if !strings.Contains(verdict.Headline, test.want) {
				t.Errorf("the headline is\n%s\nwant\n%s", verdict.Headline, test.want)
			}
			all := strings.Join(verdict.Sentences(), " ")
			for _, never := range []string{"NaN", "Inf", unknown, "  "} {
				if strings.Contains(all, never) {
					t.Errorf("%q in %s", never, all)
				}
			}
			if told := test.report.Signals.Raised > 0; (verdict.Often != "") != told || (verdict.Rule != "") != told {
				t.Errorf("of %d signals it says %q and %q", test.report.Signals.Raised, verdict.Often, verdict.Rule)
			}
		})
	}
}

func TestVerdictSaysTheRest(t *testing.T) {
	r := judged(1733, 0.592, 2229, 0.415)
	r.Signals.Money = []Money{{Currency: "GBP", Value: 681_742, Lost: 387_468}, {Currency: "", Value: 12.4, Lost: 0}, {Currency: "EUR", Value: 5.5, Lost: 1}, {Currency: "USD", Value: 1}}
	want := Verdict{
		Promise: "Their risks had promised 54 of 100. In time is before 54 days of silence.",
		Often:   "That is about 9 a week, or 43 for every 100 active customers in 90 days.",
		Money:   "Those told of used to bring GBP 682,000, 12 and EUR 5.50 in 90 days (and amounts in 1 currency more); the ones who did not come back, GBP 387,000, 0 and EUR 1.00.",
		Rule:    "As many messages about whoever is silent for 73 days would have been right for 51 of 100, and in time for none of the losses.",
	}
	got := r.Verdict()
	want.Headline = got.Headline
	if got != want {
		t.Errorf("it says\n%s\nwant\n%s", strings.Join(got.Sentences(), "\n"), strings.Join(want.Sentences(), "\n"))
	}

	r.RuleSilentFor.Precision, r.RuleSilentFor.RecallInTime = 0.6, 0.5
	if got := r.Verdict().Rule; !strings.HasSuffix(got, "On this file that plain rule does no worse.") {
		t.Errorf("of a better rule it says %q", got)
	}
	r.Signals.RecallInTime = 0.04
	if got := r.Verdict().Advice; !strings.Contains(got, "lower churn.at_risk_at") {
		t.Errorf("with a fixed threshold it advises %q", got)
	}
	r.Churn.AtRiskAt = 0
	if got := r.Verdict().Advice; !strings.Contains(got, "raise churn.in_time") {
		t.Errorf("with one that follows it advises %q", got)
	}
}

func TestNumbersAsPeopleSayThem(t *testing.T) {
	const day = float64(dayMS)
	for _, test := range []struct{ got, want string }{
		{Span(90 * day), "90 days"}, {Span(4.2 * day), "4 days"}, {Span(5.4 * day), "5.5 days"}, {Span(day), "1 day"},
		{Span(1.3 * day), "31 hours"}, {Span(0.9999 * day), "1 day"}, {Span(3_600_000), "1 hour"}, {Span(90 * 60_000), "90 minutes"}, {Span(61_000), "61 seconds"},
		{Span(0), "0 seconds"}, {Span(math.NaN()), unknown},
		{Count(0), "0"}, {Count(999), "999"}, {Count(1000), "1,000"}, {Count(-1234567), "-1,234,567"}, {Count(-123), "-123"},
		{Amount(681_742.8, "GBP"), "GBP 682,000"}, {Amount(999.4, ""), "999"}, {Amount(9.5, "EUR"), "EUR 9.50"}, {Amount(0, "EUR"), "EUR 0"},
		{Amount(2e20, ""), "2e+20"}, {Amount(5.34e9, ""), "5.34 billion"}, {Amount(999_600, "BRL"), "BRL 1 million"}, {Amount(-12.34e6, ""), "-12.3 million"}, {Amount(7e13, ""), "70 trillion"}, {Amount(Number(math.Inf(1)), "EUR"), "EUR " + unknown},
		{Often(4438), "185 an hour"}, {Often(13.2), "13 a day"}, {Often(0.5), "4 a week"}, {Often(0.1), "3 a month"}, {Often(0.02), "7 a year"}, {Often(0.0001), "1 a year"}, {Often(math.NaN()), ""},
		{Counted(1, "loss", "losses"), "1 loss"}, {Counted(0, "loss", "losses"), "0 losses"},
		{OfMany(0.5, 7), "4 of 7"}, {OfMany(Number(math.NaN()), 0), unknown},
	} {
		if test.got != test.want {
			t.Errorf("it says %q, want %q", test.got, test.want)
		}
	}
}
