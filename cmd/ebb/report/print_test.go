package report

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// What people see: every figure with what it was, in 80 columns, and nothing made up
// where too little is known.
func TestPrint(t *testing.T) {
	num := func(v float64) *float64 { return &v }
	yes, no := true, false
	asOf := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	r := &Report{
		Clock: asOf.Add(time.Hour), AsOf: &asOf,
		Figures: []Figure{
			{Metric: "total", Figure: "customers", Value: num(12_345), Before: num(10_000)},
			{Metric: "kind", Figure: "active_share", Value: num(0.105), Before: num(0.12), Target: num(0.1), Met: &yes},
			{Metric: "nps", Figure: "nps", Value: num(31.25), Before: num(35), Target: num(40), Met: &no, Industry: num(32), Source: "a survey of the trade with a long name, which does not end before the line does, 2025"},
			{Metric: "ces", Figure: "ces"},
			{Metric: "sentiment", Figure: "negative_share", Segment: "channel=web", Target: num(0.2)},
		},
		Orders:  []Orders{{Currency: "EUR", Orders: 1200, Value: 54_321.5, Returns: 3, Returned: 150.5}},
		Levels:  Levels{Healthy: 11_000, Cooling: 500, AtRisk: 300, Lapsed: 545},
		AtStake: []AtStake{{Currency: "EUR", Customers: 40, Value: 9000, ValueAtRisk: 4500}},
		Why:     []Why{{Code: "quiet", Customers: 200, Example: "usually comes every six days, but has not come for 19 days"}},
		Campaigns: []Campaign{
			{Campaign: "a", Delivered: 1000, ClickRate: 0.1, OpenRate: 0.4}, {Campaign: "b", Delivered: 100, ClickRate: 0.09}, {Campaign: "c"},
			{Campaign: "d", Delivered: 60}, {Campaign: "a campaign with a name that is far too long for a table", Delivered: 50},
		},
	}
	for range 10 {
		r.Waiting = append(r.Waiting, Waiting{Metric: "sessions", For: "page.pinged and screen.pinged"})
	}
	var out bytes.Buffer
	if err := r.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"The 28 days up to 2026-03-01, against those before\n",
		"  active                 12 345, +23%\n", "  active share           10.5%, -1.5 points\n", "  NPS                    31.25, -3.75\n",
		"  easy (CES, 1 to 7)     too few cases to say\n", "  satisfied (CSAT)       no answers: survey.answered",
		"  1 200 orders, 54 322 EUR, 45.27 each; 3 given back, 150.50\n", "  300 at risk, 500 cooling, 11 000 healthy, 545 lapsed\n",
		"  40 of them bring 9 000 EUR in a horizon, of which 4 500 are at risk\n", "  why: 200 of 300, such as \"usually comes every six days",
		"  … 1 others …\n", "NPS: 31.25; target 40, not met; others 32 (a survey", "Active share: 10.5%; target 10.0%, met\n",
		"Negative, channel=web: too few cases to say; target 20.0%\n", "  … and 2 others; `ebb metrics` lists them\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
	for line := range strings.SplitSeq(out.String(), "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}

	out.Reset()
	if err := (&Report{Clock: asOf}).Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"No 28 days have ended yet", "none: order.completed", "none with 50 messages", "none: set benchmarks.targets"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("an empty report does not say %q:\n%s", want, out.String())
		}
	}
}
