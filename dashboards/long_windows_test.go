package dashboards

import (
	"slices"
	"strings"
	"testing"
	"time"

	"ebb/sinks/clickhouse/clickhousetest"
)

// longFixture has windows of every length that have just ended at 22:38, the
// pipeline being a minute behind, and the end of each before it.
const longFixture = `
INSERT INTO pipeline (time, partition, clock, watermark, sequence, processed, duplicates, dead_letters, late_dropped, version) VALUES
	('2024-05-01 22:38:00', 0, '2024-05-01 22:38:00', '2024-05-01 22:28:00', 90, 160, 1, 4, 3, 90);
INSERT INTO rollups_total (window, window_end, partition, events, customers, version)
	SELECT window, end - toIntervalSecond(step * slide), 0, 100 + step, 10 + step, 1
	FROM (SELECT ('1m', 60, '2024-05-01 22:38:00') AS w UNION ALL SELECT ('5m', 60, '2024-05-01 22:38:00') UNION ALL SELECT ('1h', 300, '2024-05-01 22:35:00')
		UNION ALL SELECT ('24h', 3600, '2024-05-01 22:00:00') UNION ALL SELECT ('7d', 21600, '2024-05-01 18:00:00') UNION ALL SELECT ('28d', 86400, '2024-05-01 00:00:00')) AS lengths
	ARRAY JOIN [0, 1] AS step, [w.1] AS window, [w.2] AS slide, [toDateTime64(w.3, 3, 'UTC')] AS end;
INSERT INTO rollups_kind (window, window_end, kind, partition, events, customers, version)
	SELECT window, window_end, 'active', 0, events, customers, 1 FROM rollups_total;
INSERT INTO rollups_channel (window, window_end, channel, partition, events, version)
	SELECT window, window_end, 'web', 0, events, 1 FROM rollups_total;
INSERT INTO levels (time, partition, healthy, cooling, at_risk, lapsed, version, clock) VALUES
	('2024-04-01 12:00:00', 0, 3000, 0, 7, 0, 5, '2024-04-01 12:00:00');
INSERT INTO model_quality (time, horizon_ms, partition, segment, bin, rows, risk_sum, lost, brier_sum, overlap, version, clock) VALUES
	('2024-04-29 12:00:00', 2419200000, 0, 'regular', 5, 200, 1000000, 100, 5000000000, 0, 1, '2024-04-29 12:00:00');
INSERT INTO signals (customer, episode, level, signal, previous, at, risk, horizon_ms, last_event, silent_ms, partition, sequence, version)
	SELECT concat('c', toString(number)), 2, 'at_risk', 'raised', 'cooling', '2024-04-10 12:00:00', 0.9, 259200000, '2024-04-08 12:00:00', 172800000, 0, 1, 1
	FROM numbers(120)`

// Whatever the length of the windows and of the range, at any time of day, a
// panel shows the newest figure that is complete, as a line from one end of the
// range to the other.
func TestLongWindowsAndRareFiguresShowInShortRanges(t *testing.T) {
	conn := clickhousetest.Migrated(t).Open(t)
	for statement := range strings.SplitSeq(longFixture, ";\n") {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
	now := time.Date(2024, time.May, 1, 22, 39, 0, 0, time.UTC)
	windowed := map[string]string{
		"overview/active_customers": "10", "overview/interactions_by_kind": "0 0 100", "channels/interactions": "web 100",
	}
	for _, length := range []time.Duration{time.Minute, 5 * time.Minute, 6 * time.Hour} {
		in := timeRange{from: now.Add(-length), to: now, interval: time.Minute}
		for _, in.window = range []string{"1m", "5m", "1h", "24h", "7d", "28d"} {
			for name, want := range windowed {
				if got := rows(t, conn, name, in); len(got) < 2 || !strings.HasSuffix(got[len(got)-1], " "+want) || !strings.HasPrefix(got[len(got)-1], "22:39:00") {
					t.Errorf("%s of %s in the last %s: %q, want a line to 22:39:00 that ends with %s", name, in.window, length, got, want)
				}
			}
		}
		for name, want := range map[string]string{
			"overview/levels": "3000 0 7 0", "overview/at_risk_now": "7", "detector/auc": "regular 0.5", "detector/brier": "regular 0.25", "detector/ece": "regular 0",
			"detector/observed_over_expected": "regular 1", "detector/precision": "acted on 1", "detector/lead": "acted on 1", "detector/unrest": "0",
		} {
			got := rows(t, conn, name, in)
			if len(got) == 0 || !strings.HasSuffix(got[len(got)-1], want) || len(got) < 2 {
				t.Errorf("%s in the last %s: %q, want a line that ends with %s", name, length, got, want)
			}
		}
	}
}
