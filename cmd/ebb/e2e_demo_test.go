package main

import (
	"encoding/json"
	"testing"
)

// runDemo runs `ebb demo --json` in this process and returns its report.
func runDemo(t *testing.T, args ...string) *demoReport {
	t.Helper()
	code, stdout, stderr := command(t, append([]string{"demo", "--json", "--horizon", "1d", "--mapping", shopMapping}, args...)...)
	if code != exitOK {
		t.Fatalf("ebb demo %q: exit code %d\n%s%s", args, code, stdout, stderr)
	}
	report := new(demoReport)
	if err := json.Unmarshal([]byte(stdout), report); err != nil {
		t.Fatalf("ebb demo %q: %v\n%s", args, err, stdout)
	}

	return report
}

// A file through the whole program, and every row proved by SQL.
func TestDemoVerifies(t *testing.T) {
	clearEnvironment(t)
	const rows = 2_000
	r := runDemo(t, "--events", shopFile(t, rows), "--verify")

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
	checkVerified(t, r.Verification, 4*6+2)
}

// checkVerified checks that so many comparisons were made, that those of rollups
// had rows to compare, and that none found a difference.
func checkVerified(t *testing.T, v *demoVerified, comparisons int) {
	t.Helper()
	if v == nil || len(v.Tables) != comparisons {
		t.Fatalf("verification %+v, want %d comparisons", v, comparisons)
	}
	for _, table := range v.Tables {
		if table.Compared == 0 && table.Window != "" {
			t.Errorf("%s %s: no row compared", table.Table, table.Window)
		}
		for _, example := range table.Examples {
			t.Errorf("%s %s: %s", table.Table, table.Window, example)
		}
	}
}
