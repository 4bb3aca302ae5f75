package dashboards

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/sinks/clickhouse/clickhousetest"
)

// qualityFixture: the horizon is 80 minutes. Of 200 regulars with the risk 0.5
// half were lost; newcomers are too few. 120 alerts of April are over, of which
// 90 were right, a day before the silence reached a horizon of 3.
const qualityFixture = `
INSERT INTO pipeline (time, partition, clock, watermark, sequence, processed, duplicates, dead_letters, late_dropped, version) VALUES
	('2024-05-01 12:10:00', 0, '2024-05-01 12:10:00', '2024-05-01 12:00:00', 90, 160, 1, 4, 3, 90);
INSERT INTO model_quality (time, horizon_ms, partition, segment, bin, rows, risk_sum, lost, brier_sum, overlap, version, clock) VALUES
	('2024-05-01 12:00:00', 4800000, 0, 'regular', 5, 100, 500000, 50, 2500000000, 0, 1, '2024-05-01 12:00:00'),
	('2024-05-01 12:10:00', 4800000, 0, 'regular', 5, 100, 500000, 50, 2500000000, 0, 2, '2024-05-01 12:10:00'),
	('2024-05-01 12:10:00', 4800000, 0, 'newcomer', 9, 20, 190000, 20, 5000000, 0, 2, '2024-05-01 12:10:00');
INSERT INTO levels (time, partition, healthy, cooling, at_risk, lapsed, version, clock) VALUES
	('2024-04-10 00:00:00', 0, 3000, 0, 0, 0, 5, '2024-04-10 00:00:00'),
	('2024-04-11 00:00:00', 0, 2999, 0, 1, 0, 6, '2024-04-11 00:00:00');
INSERT INTO signals (customer, episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, partition, sequence, version)
	SELECT concat('c', toString(number)), 2, 'at_risk', 'raised', 'cooling', '2024-04-10 12:00:00', 0.9, 259200000, '2024-04-08 12:00:00', 172800000, 0, 1, 1
	FROM numbers(120);
INSERT INTO signals (customer, episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, partition, sequence, version)
	SELECT concat('c', toString(number)), 3, 'cooling', 'cleared', 'at_risk', '2024-04-10 18:00:00', 0.1, 259200000, '2024-04-10 18:00:00', 0, 0, 1, 1
	FROM numbers(30)`

func TestQualityQueriesReturnWhatTheirPanelsShow(t *testing.T) {
	conn := clickhousetest.Migrated(t).Open(t)
	for statement := range strings.SplitSeq(qualityFixture, ";\n") {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
	in := timeRange{from: at(0).AddDate(0, -1, -1), to: at(30), interval: time.Hour}
	tests := map[string][]string{
		"detector/segments":               {"active 220 120 220 0.54", "newcomer 20 20 20 <nil>", "regular 200 100 200 0.5 0.5 0.43"},
		"detector/reliability":            {"0 <nil> <nil> <nil> 0", "0.5 0.5 0.43", "0.95 1 0.83", "1 <nil> <nil> <nil> 1"},
		"detector/oe_now":                 {"1.008"},
		"detector/auc_now":                {"0.583"},
		"detector/ece_now":                {"0.0045"},
		"detector/precision_now":          {"0.75"},
		"detector/lead_now":               {"1"},
		"detector/lead_spread":            {"0–10 % 0 0", "10–20 % 0 0", "20–30 % 0 0", "30–40 % 0 0", "40–50 % 0 0", "50–60 % 0 0", "60–70 % 90 30", "70–80 % 0 0", "80–90 % 0 0", "90–100 % 0 0", "later 0 0"},
		"detector/observed_over_expected": {"12:00:00 active 1", "12:00:00 regular 1", "12:10:00 active 1.008", "12:10:00 regular 1", "12:30:00 active 1.008", "12:30:00 regular 1"},
		"detector/brier":                  {"12:00:00 active 0.25", "12:00:00 regular 0.25", "12:10:00 active 0.22", "12:10:00 regular 0.25", "12:30:00 active 0.22", "12:30:00 regular 0.25"},
		"detector/ece":                    {"12:00:00 active 0", "12:00:00 regular 0", "12:10:00 active 0.004", "12:10:00 regular 0", "12:30:00 active 0.004", "12:30:00 regular 0"},
		"detector/auc":                    {"12:00:00 active 0.5", "12:00:00 regular 0.5", "12:10:00 active 0.58", "12:10:00 regular 0.5", "12:30:00 active 0.58", "12:30:00 regular 0.5"},
		"detector/signals":                {"acted on 120 90 0.8999999999999996 0.75 0.66"},
		"detector/precision":              {"00:00:00 acted on 0.75", "12:30:00 acted on 0.75"},
		"detector/lead":                   {"00:00:00 acted on 1", "12:30:00 acted on 1"},
		"detector/unrest":                 {"00:00:00 0.3"},
	}
	for _, name := range queryNames(t, "detector") {
		want, ok := tests[name]
		if !ok {
			t.Errorf("query %s has no test here", name)

			continue
		}
		got := rows(t, conn, name, in)
		if name == "detector/unrest" {
			got = got[:1] // the days that follow have no change
		}
		if !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("%s\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
