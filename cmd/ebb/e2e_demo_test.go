package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ebb/cmd/ebb/demo"
	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/sinks/clickhouse/verify"
)

// runDemo runs `ebb demo --json` in this process, with the base metrics and those of
// args, and returns its report.
func runDemo(t *testing.T, args ...string) *demo.Report {
	t.Helper()
	code, stdout, stderr := command(t, append([]string{"demo", "--json", "--horizon", "1d", "--mapping", shopMapping, "--ttl.rollups", "0s", "--metrics", metric.BaseMetrics}, args...)...)
	if code != exitOK {
		t.Fatalf("ebb demo %q: exit code %d\n%s%s", args, code, stdout, stderr)
	}
	report := new(demo.Report)
	if err := json.Unmarshal([]byte(stdout), report); err != nil {
		t.Fatalf("ebb demo %q: %v\n%s", args, err, stdout)
	}

	return report
}

// A file through the whole program, and every row proved by SQL.
func TestDemoVerifies(t *testing.T) {
	t.Parallel()
	const rows = 2_000
	r := runDemo(t, "--events", shopFile(t, rows), "--verify", "--metrics", metric.EveryMetric)

	if r.Published != rows || r.Processed+r.Duplicates+r.DeadLetters+r.LateDropped != rows {
		t.Errorf("%d published, %d + %d + %d + %d; want %d", r.Published, r.Processed, r.Duplicates, r.DeadLetters, r.LateDropped, rows)
	}
	if r.Processed == 0 || r.Duplicates == 0 || r.LateDropped == 0 || r.SignalsRaised == 0 {
		t.Errorf("%d processed, %d duplicates, %d late, %d raised; the file has some of each",
			r.Processed, r.Duplicates, r.LateDropped, r.SignalsRaised)
	}
	if r.RowsMissing+r.RowsExtra+r.RowsDifferent > 0 {
		t.Errorf("%d rows missing, %d extra, %d different", r.RowsMissing, r.RowsExtra, r.RowsDifferent)
	}
	if r.Customers != 60 { // two of three visitors are others of them
		t.Errorf("%d customers, want 60", r.Customers)
	}
	checkVerified(t, r.Verification, verify.Comparisons(6))
	proved := map[string]uint64{}
	for _, table := range r.Verification.Tables {
		proved[table.Table] = table.Compared
	}
	if signals := r.SignalsRaised + r.SignalsCleared; proved["signals"] != signals || proved["reasons"] < signals {
		t.Errorf("%d signals and %d reasons compared, of %d signals", proved["signals"], proved["reasons"], signals)
	}
}

// Of old history nobody keeps the short windows: that is said before anything
// is published, with the setting that keeps them, and the proof knows it.
func TestDemoOfOldHistory(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("event_time,customer_id,event_type\n")
	for day := range 30 {
		for c := range 5 {
			fmt.Fprintf(&b, "2019-03-%02dT%02d:00:00Z,c%d,order.completed\n", 1+day, c, c)
		}
	}
	file := filepath.Join(t.TempDir(), "old.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		flags []string
		none  map[string]bool // lengths without rows
		said  bool
	}{
		{nil, map[string]bool{"1m": true, "5m": true, "1h": true}, true},
		{[]string{"--ttl.rollups", "0s"}, nil, false},
	} {
		code, stdout, stderr := command(t, append([]string{"demo", "--json", "--horizon", "14d", "--dir", prepared.folder(t), "--events", file, "--verify", "--metrics", metric.BaseMetrics}, test.flags...)...)
		var r demo.Report
		if err := json.Unmarshal([]byte(stdout), &r); code != exitOK || err != nil {
			t.Fatalf("exit code %d, %v: %s", code, err, stderr)
		}
		if r.Processed != 150 || r.RowsMissing+r.RowsExtra+r.RowsDifferent > 0 {
			t.Errorf("%d processed, %d missing, %d extra, %d different", r.Processed, r.RowsMissing, r.RowsExtra, r.RowsDifferent)
		}
		for _, table := range r.Verification.Tables {
			if table.Window != "" && fed(table.Table) && (table.Compared == 0) != test.none[table.Window] {
				t.Errorf("%q: %s of %s: %d rows", test.flags, table.Table, table.Window, table.Compared)
			}
		}
		if said := strings.Contains(stderr, "ttl.rollups (1h=400d)") && strings.Contains(stderr, "--ttl.rollups 0s"); said != test.said {
			t.Errorf("%q: the demo says\n%s", test.flags, stderr)
		}
	}
}

// A file of types that nobody knows, with a column of kinds: they are learned,
// so silence is told, and SQL agrees about every row.
func TestDemoLearnsTheTypesOfAFile(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("event_time,customer_id,event_type,engagement,value\n")
	for hour := range 24 * 20 {
		for c := range 10 {
			kind := []string{"played,active", "viewed,passive", "mailed,exposure"}[(hour/24+c)%3]
			if hour%24 == c && (c < 5 || hour < 24*10 || kind != "played,active") {
				fmt.Fprintf(&b, "2026-03-%02dT%02d:00:00Z,c%d,%s,\n", 1+hour/24, hour%24, c, kind)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "own.csv")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := command(t, "demo", "--json", "--horizon", "4d", "--dir", prepared.folder(t), "--events", file, "--verify", "--metrics", metric.BaseMetrics)
	var r demo.Report
	if err := json.Unmarshal([]byte(stdout), &r); code != exitOK || err != nil {
		t.Fatalf("exit code %d, %v: %s", code, err, stderr)
	}
	if r.Customers != 10 || r.SignalsRaised == 0 || r.RowsMissing+r.RowsExtra+r.RowsDifferent > 0 {
		t.Errorf("%d customers, %d signals, %d missing, %d extra, %d different", r.Customers, r.SignalsRaised, r.RowsMissing, r.RowsExtra, r.RowsDifferent)
	}
	for _, want := range []string{"By the file active, so engagement: played", "exposure, so no engagement: mailed"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("demo does not say %q:\n%s", want, stderr)
		}
	}
}

// fed says whether any history has rows in a table: of metrics, only the one that counts
// every event.
func fed(table string) bool {
	m, _ := metric.ByTable(metric.Tables(), wire.Table(table))

	return m == nil || m.Name == "interactions"
}

// checkVerified checks that so many comparisons were made, that those of rollups
// had rows to compare, and that none found a difference.
func checkVerified(t *testing.T, v *demo.Verified, want int) {
	t.Helper()
	if v == nil || len(v.Tables) != want {
		t.Fatalf("verification %+v, want %d comparisons", v, want)
	}
	for _, table := range v.Tables {
		if table.Compared == 0 && table.Window != "" && fed(table.Table) {
			t.Errorf("%s %s: no row compared", table.Table, table.Window)
		}
		for _, example := range table.Examples {
			t.Errorf("%s %s: %s", table.Table, table.Window, example)
		}
	}
}
