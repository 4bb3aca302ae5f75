package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMapDraftsAMappingThatReplayTakes(t *testing.T) {
	clearEnvironment(t)
	dir := t.TempDir()
	file, mapping := filepath.Join(dir, "export.csv"), filepath.Join(dir, "shop.yaml")
	if err := os.WriteFile(file, []byte("Datum;Kunde;Betrag\n04.05.2025;anna;1.234,50\n25.05.2025;bert;7,00\n26.05.2025;;7,00\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, said := command(t, "map", file)
	if code != 0 || !strings.HasPrefix(out, "name: export\nformat: csv\nfields:\n") {
		t.Fatalf("exit code %d: %s%s", code, out, said)
	}
	for _, want := range []string{"1    2025-05-04 00:00:00  anna      order.completed  1234.5\n", "row 3 (line 4)", "No column says the currency"} {
		if !strings.Contains(said, want) {
			t.Errorf("it lacks %q:\n%s", want, said)
		}
	}
	for _, line := range strings.Split(said, "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("%d columns: %s", len([]rune(line)), line)
		}
	}
	if err := os.WriteFile(mapping, []byte(out), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, said := command(t, "replay", file, "--mapping", mapping, "--dry-run"); code != 0 || !strings.Contains(out, "3 rows, 2 customers") || !strings.Contains(out, "Money: 1241.5 without a currency paid (rows: 2)") {
		t.Errorf("the draft is read with exit code %d:\n%s%s", code, out, said)
	}
	var report mapReport
	_, out, _ = command(t, "map", file, "--mapping", mapping, "--json")
	if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Rows) != 3 || report.Mapping != "" || report.Rows[2].Problem == "" {
		t.Errorf("as JSON: %v, %+v", err, report)
	}
	if err := os.WriteFile(file, []byte("Datum;Kunde;Betrag\nnie;anna;1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, said = command(t, "replay", file, "--mapping", mapping, "--dry-run")
	if code != 1 || !strings.Contains(said, "nothing of export.csv would count: of 1 rows, 1 would be dead letters, 0 late and 0 too far ahead of the clock") {
		t.Errorf("where nothing counts: exit code %d, %s", code, said)
	}
}
