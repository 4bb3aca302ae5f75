package verify_test

import "testing"

// What somebody changes in the series of an import shows as in other rows.
func TestTamperedSeriesAreReported(t *testing.T) {
	s := newStream(14, measured())
	s.history(600, true)
	s.live(50)
	p := prove(t, measured(), s.records)
	basic := []string{"rollups_total", "rollups_kind", "rollups_channel", "rollups_type"}
	p.expectOK(t, p.only(t, basic...))
	for _, statement := range []string{
		"ALTER TABLE rollups_total_series UPDATE events = arrayMap(e -> e + 1, events) WHERE window = '5m' SETTINGS mutations_sync = 2",
		"ALTER TABLE rollups_kind_series DELETE WHERE window = '1h' SETTINGS mutations_sync = 2",
		"INSERT INTO rollups_channel_series SELECT * REPLACE (version + 1 AS version) FROM rollups_channel_series WHERE window = '24h'",
		"ALTER TABLE rollups_type_series UPDATE steps = arrayMap(step -> step * 2, steps) WHERE window = '1m' SETTINGS mutations_sync = 2",
	} {
		if err := p.conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	report := p.only(t, basic...)
	if found := find(t, report, "rollups_total", "5m"); found.Different == 0 || found.Missing+found.Extra > 0 {
		t.Errorf("changed figures: report is %+v", found)
	}
	if found := find(t, report, "rollups_kind", "1h"); found.Missing == 0 || found.Different+found.Extra > 0 {
		t.Errorf("removed series: report is %+v", found)
	}
	if find(t, report, "rollups_type", "1m").OK() {
		t.Error("other window ends, and the report is fine")
	}
	for _, found := range report.Tables {
		if found.Table == "rollups_type" && found.Window == "5m" && !found.OK() {
			t.Errorf("nobody touched it, but report is %+v", found)
		}
	}
	if found := find(t, report, "rollups_channel", "24h"); found.Different == 0 || len(found.Examples) == 0 {
		t.Errorf("series twice: report is %+v", found)
	}
}
