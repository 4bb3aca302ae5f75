package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"ebb/pipeline/jetstream"
)

func printed(t *testing.T, r *demoReport) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.print(streams{out: &out}, false); err != nil {
		t.Fatal(err)
	}

	return out.String()
}

func TestDemoReportTellsOfCustomersAtRisk(t *testing.T) {
	r := &demoReport{Levels: demoLevels{AtRisk: 12}, AtRisk: []demoCustomer{
		{Customer: "c-1", Risk: 0.713, Since: time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC), Reasons: "silent for 31 days"},
		{Customer: "a longer\x1b[31m name", Risk: 0.7, Since: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Reasons: "silent for 9 days"},
	}}
	want := `
At risk, as they were at their signal, the silences most out of rhythm first, 2 of 12
  c-1                  2026-03-01  71%  silent for 31 days
  a longer·[31m name  2026-03-02  70%  silent for 9 days
`
	// The table counts bytes where a dot stands for the escape.
	squeeze := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	if got := printed(t, r); !strings.Contains(squeeze(got), squeeze(want)) {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	r.AtRisk = nil
	if got := printed(t, r); strings.Contains(got, "out of rhythm") {
		t.Errorf("a heading over nothing:\n%s", got)
	}
}

// An address that is about to vanish is no use.
func TestDemoReportNamesAddressesThatStay(t *testing.T) {
	c := &demoCommand{Events: "my events.csv", Customers: 500, Days: 120, Seed: 7, Horizon: "30d", NATSPort: 4333}
	r := &demoReport{ClickHouse: "http://127.0.0.1:38215", Database: "ebb", again: c.again()}
	want := programPath() + " demo --serve --events 'my events.csv' --seed 7 --horizon 30d --clickhouse-port 8123 --nats-port 4333\n"
	if got := printed(t, r); strings.Contains(got, r.ClickHouse) || !strings.Contains(got, want) {
		t.Errorf("the servers stop:\n%swant\n%s", got, want)
	}
	r.stays = true
	if got := printed(t, r); !strings.Contains(got, "curl 'http://127.0.0.1:38215/?database=ebb'") || strings.Contains(got, "--config") {
		t.Errorf("the servers stay:\n%s", got)
	}
	r.config, r.AtRisk = "/tmp/a b/ebb.yaml", []demoCustomer{{Customer: "it's c-1"}}
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
		r    demoReport
		want string
	}{
		{"all there", demoReport{Published: 10, Processed: 7, Duplicates: 1, DeadLetters: 1, LateDropped: 1}, ""},
		{"one lost", demoReport{Published: 10, Processed: 9}, "10 events were published, but the outcomes add up to 9"},
		{"one counted twice", demoReport{Published: 10, Processed: 11}, "10 events were published, but the outcomes add up to 11"},
		{"live ones beside", demoReport{Published: 10, Live: 3, Processed: 13}, ""},
	}
	for _, test := range tests {
		err := test.r.failure()
		if (err == nil) != (test.want == "") || err != nil && err.Error() != test.want {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}
