package clickhouse_test

import (
	"strings"
	"testing"

	"ebb/deploy/local/localtest"
	"ebb/sinks/clickhouse"
)

// Each length of windows has a time of its own, and figures stay from when they
// were written: so old history keeps its long windows, and the clock that
// readers need.
func TestRetentionByWindowLength(t *testing.T) {
	conn := localtest.ClickHouse(t).Open(t)
	if err := clickhouse.Migrate(t.Context(), conn, clickhouse.DefaultTTL()); err != nil {
		t.Fatal(err)
	}
	var engine string
	if err := conn.QueryRow(t.Context(), "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = 'rollups_type'").Scan(&engine); err != nil {
		t.Fatal(err)
	}
	want := " TTL window_end + toIntervalSecond(1382400) WHERE window = '1m', window_end + toIntervalSecond(5356800) WHERE window = '5m', " +
		"window_end + toIntervalSecond(34732800) WHERE window = '1h' SETTINGS"
	if !strings.Contains(engine, want) { // else every start would alter the tables
		t.Errorf("engine is %s\nwant it to contain %s", engine, want)
	}

	for _, statement := range []string{
		`INSERT INTO rollups_total (window, window_end, partition, events, customers, version, clock)
			SELECT arrayJoin(['1m', '5m', '1h', '24h', '7d', '28d']) AS window, arrayJoin([toDateTime64('2019-06-01 00:00:00', 3, 'UTC'), now64(3) - INTERVAL 30 DAY]), 0, 1, 1, 1, now64(3)`,
		`INSERT INTO pipeline (time, partition, clock, watermark, sequence, processed, duplicates, dead_letters, late_dropped, version)
			VALUES ('2019-06-01 00:00:00', 0, '2019-06-01 00:00:00', '2019-06-01 00:00:00', 1, 1, 0, 0, 0, 1)`,
		`INSERT INTO rollups_total_series (window, day, partition, first_end, last_end, slide, steps, events, version)
			SELECT arrayJoin(['1m', '5m', '1h', '24h', '7d', '28d']) AS window, toDate32(last_end), 0, last_end - INTERVAL 1 MINUTE, last_end, 60000, [0, 1], [1, 1], 1
			FROM (SELECT arrayJoin([toDateTime64('2019-06-01 12:00:00', 3, 'UTC'), now64(3) - INTERVAL 30 DAY]) AS last_end)`,
		`OPTIMIZE TABLE rollups_total FINAL`,
		`OPTIMIZE TABLE rollups_total_series FINAL`,
		`OPTIMIZE TABLE pipeline FINAL`,
	} {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, from := range []string{"window_end AS at FROM rollups_total", "last_end AS at FROM rollups_total_series"} {
		var old, recent []string
		if err := conn.QueryRow(t.Context(), "SELECT arraySort(groupArrayIf(window::String, at < '2020-01-01')), arraySort(groupArrayIf(window::String, at > '2020-01-01')) FROM (SELECT window, "+from+")").Scan(&old, &recent); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(old, " "); got != "24h 28d 7d" {
			t.Errorf("%s: of 2019 there are windows %s, want those of 24h and longer", from, got)
		}
		if got := strings.Join(recent, " "); got != "1h 24h 28d 5m 7d" {
			t.Errorf("%s: of a month ago there are windows %s, want all but those of 1m", from, got)
		}
	}
	var clocks uint64
	if err := conn.QueryRow(t.Context(), "SELECT count() FROM pipeline").Scan(&clocks); err != nil || clocks != 1 {
		t.Errorf("%d figures of 2019 are there (%v), want the 1 that was just written", clocks, err)
	}
}
