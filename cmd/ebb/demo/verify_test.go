package demo

import (
	"encoding/json"
	"testing"

	"ebb/sinks/clickhouse/verify"
)

// Programs find what was compared of a table by its name, over all of its windows.
func TestReportNamesComparedTables(t *testing.T) {
	r := Report{Tables: byTable([]verify.TableReport{
		{Table: "rollups_total", Window: "1m", Compared: 3, Missing: 1},
		{Table: "rollups_total", Window: "24h", Compared: 4, Extra: 2, Different: 5},
		{Table: "late"},
	})}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var found struct {
		Tables map[string]map[string]uint64 `json:"tables"`
	}
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]map[string]uint64{
		"rollups_total": {"rows_compared": 7, "rows_missing": 1, "rows_extra": 2, "rows_different": 5},
		"late":          {"rows_compared": 0, "rows_missing": 0, "rows_extra": 0, "rows_different": 0},
	} {
		for key, n := range want {
			if got, there := found.Tables[name][key]; !there || got != n {
				t.Errorf("%s of %s is %d, there %t; want %d", key, name, got, there, n)
			}
		}
	}
}
