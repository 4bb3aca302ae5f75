package demo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/shard"
)

func printed(t *testing.T, r *Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.print(call.Streams{Out: &out}, false); err != nil {
		t.Fatal(err)
	}

	return out.String()
}

func TestDemoReportTellsOfCustomersAtRisk(t *testing.T) {
	clock := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	r := &Report{
		Clock: clock.UnixMilli(), Customers: 400, HorizonMS: (30 * setting.Day).Milliseconds(),
		Risky:     shard.RosterGroup{Customers: 224},
		RiskyOnce: shard.RosterGroup{Customers: 212, Last: clock.Add(-12 * setting.Day).UnixMilli()},
		Lapsed:    shard.RosterGroup{Customers: 90}, LapsedOnce: shard.RosterGroup{Customers: 81},
		AtRisk: []customer{
			{Customer: "c-1", Risk: 0.713, Since: clock.Add(-9 * setting.Day), SilentDays: 31, UsualDays: 6, ValueAtRisk: 1234.56, Currency: "EUR", why: "visits fell from nine to three a month, and nobody knows why"},
			{Customer: "a longer\x1b[31m name that is cut", Risk: 0.7, Since: clock.Add(-time.Hour), SilentDays: 90, ValueAtRisk: 7.5, Currency: "EUR", why: "out of rhythm"},
			{Customer: "c-3", Risk: 0.9, Since: clock.Add(-400 * setting.Day), SilentDays: 400, UsualDays: 0.25},
		},
	}
	want := `
At risk on 2026-03-10: 12 customers; the 3 with the most money to lose
  customer             EUR   risk  since     silent     usually  why
  c-1                  1235  71%   1 Mar     4 weeks    6 days   visits fell…
  a longer·[31m name…  7.50  70%   11:00     3 months   –        out of rhythm
  c-3                  0.00  90%   Feb 2025  13 months  6 hours
and 212 who came once and not again; the last of them 12 days ago

Lapsed, after 30 days of silence or by their own word: 90 customers, 81 of whom
  came once
`
	got := printed(t, r)
	if !strings.Contains(got, want) {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	for _, line := range strings.Split(want, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("longer than a terminal: %q", line)
		}
	}

	// Without money visits count, and nothing is said of what nobody pays.
	r.Risky.Customers, r.RiskyOnce = 1, shard.RosterGroup{}
	r.AtRisk = []customer{{Customer: "c-1", Risk: 0.713, Since: clock.Add(-9 * setting.Day), SilentDays: 31, UsualDays: 6, why: "out of rhythm"}}
	want = `
At risk on 2026-03-10: 1 customer, those with the most visits to lose first
  customer  risk  since  silent   usually  why
  c-1       71%   1 Mar  4 weeks  6 days   out of rhythm
`
	if got := printed(t, r); !strings.Contains(got, want) || strings.Contains(got, "came once and not") {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	r.AtRisk, r.Risky, r.Lapsed = nil, shard.RosterGroup{}, shard.RosterGroup{}
	if got := printed(t, r); !strings.Contains(got, "\nNobody is at risk on 2026-03-10.\n") || strings.Contains(got, "Lapsed") {
		t.Errorf("nobody is at risk:\n%s", got)
	}
	r.Risky, r.RiskyOnce = shard.RosterGroup{Customers: 2}, shard.RosterGroup{Customers: 2, Last: clock.Add(-400 * setting.Day).UnixMilli()}
	if got := printed(t, r); !strings.Contains(got, "\nAt risk on 2026-03-10: 2 who came once and not again; the last of them 13 months ago\n") {
		t.Errorf("all came once:\n%s", got)
	}
}

// An address that is about to vanish is no use.
func TestDemoReportNamesAddressesThatStay(t *testing.T) {
	c := &Command{Events: "my events.csv", Customers: 500, Days: 120, Seed: 7, Horizon: "30d", NATSPort: 4333}
	r := &Report{ClickHouse: "http://127.0.0.1:38215", Database: "ebb", again: c.again()}
	want := programPath() + " demo --dashboard --events 'my events.csv' --seed 7 --horizon 30d --clickhouse-port 8123 --nats-port 4333\n"
	if got := printed(t, r); strings.Contains(got, r.ClickHouse) || !strings.Contains(got, want) {
		t.Errorf("the servers stop:\n%swant\n%s", got, want)
	}
	r.stays = true
	if got := printed(t, r); !strings.Contains(got, "curl 'http://127.0.0.1:38215/?database=ebb'") || strings.Contains(got, "--config") {
		t.Errorf("the servers stay:\n%s", got)
	}
	r.config, r.AtRisk = "/tmp/a b/ebb.yaml", []customer{{Customer: "it's c-1"}}
	for _, want := range []string{" status --config '/tmp/a b/ebb.yaml'\n", ` customer --config '/tmp/a b/ebb.yaml' 'it'\''s c-1'`} {
		if got := printed(t, r); !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
}

func TestDemoErrorsNameTheFlagsOfTheDemo(t *testing.T) {
	other := fmt.Errorf("open: %w", jetstream.ErrImportOpen)
	tests := []struct {
		name        string
		err         error
		interrupted bool
		dir         string
		want        string
	}{
		{"none", nil, false, "", ""},
		{"interrupted", context.Canceled, true, "", "with --dir the next demo would go on"},
		{"interrupted with a folder", context.Canceled, true, "a b", `the same command with --dir "a b" goes on`},
		{"another file", other, false, "d", "needs another --dir"},
		{"any other", io.ErrUnexpectedEOF, false, "d", "unexpected EOF"},
	}
	for _, test := range tests {
		err := demoError(test.err, test.interrupted, test.dir)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestDemoReportFailsWhereOutcomesDoNotAddUp(t *testing.T) {
	tests := []struct {
		name string
		r    Report
		want string
	}{
		{"all there", Report{Published: 10, Processed: 7, Duplicates: 1, DeadLetters: 1, LateDropped: 1}, ""},
		{"one lost", Report{Published: 10, Processed: 9}, "10 events were published, but the outcomes add up to 9"},
		{"one counted twice", Report{Published: 10, Processed: 11}, "10 events were published, but the outcomes add up to 11"},
		{"live ones beside", Report{Published: 10, Live: 3, Processed: 13}, ""},
	}
	for _, test := range tests {
		err := test.r.failure()
		if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}
