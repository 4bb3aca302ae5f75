package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a dry run says to a person: the outcomes, the types and the problems.
func TestDryRunIsForPeople(t *testing.T) {
	clearEnvironment(t)
	dir := t.TempDir()
	mapping, events := filepath.Join(dir, "shop.yaml"), filepath.Join(dir, "events.csv")
	for path, text := range map[string]string{
		mapping: `name: shop
fields: {time: created_at, customer: customer_id, type: event, value: amount}
constants: {channel: web, currency: EUR}
types: {purchase: order.completed, visit: page.viewed}
time: {formats: ["2006-01-02 15:04:05", rfc3339]}
lateness: 1h
`,
		events: `created_at,customer_id,event,amount
2026-03-01 12:00:00,k1,visit,
2026-03-01 13:00:00,k2,purchase,19.99
2026-03-01 11:00:00,k1,visit,
2026-03-01 13:00:00,k1,hopped,
yesterday,k3,visit,
`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	code, stdout, stderr := command(t, "replay", events, "--mapping", mapping, "--dry-run")
	if code != exitOK || stderr != "" {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, want := range []string{
		"events.csv, read by the mapping shop: 5 rows, 3 customers\n",
		"Would be dead letters: 1\n",
		"Would be late, at a lateness of 1h: 1\n",
		"order.completed  active   web      1     1\n",
		`time is "yesterday"`,
		"Unknown and never counted as engagement: hopped. Map them",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the dry run does not say %q:\n%s", want, stdout)
		}
	}
}
