package clickhouse_test

import (
	"maps"
	"strings"
	"testing"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"ebb/pipeline/metric"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

// What somebody drops is made again, and where rows went with it, no cursor
// vouches for them any more.
func TestMigrateMakesAgainWhatWasDropped(t *testing.T) {
	conn := migrated(t)
	sink := clickhouse.New(conn)
	at := sinks.Cursor{Name: "clickhouse", Stream: "S", Sequence: 5, Created: 7}
	for _, test := range []struct {
		drop     string
		vouches  bool
		complete string
	}{
		{"DROP VIEW v_at_risk", true, "SELECT count() FROM v_at_risk"},
		{"DROP VIEW valid_levels", true, "SELECT count() FROM v_levels"},
		{"DROP TABLE signals SYNC", false, "SELECT count() FROM v_signals"},
		{"DROP TABLE level_changes SYNC", true, "SELECT count() FROM v_level_changes"},
		{"DROP TABLE newest_signals SYNC", true, "SELECT count() FROM v_at_risk"},
		{"DROP VIEW newest_signals_feed", true, "SELECT count() FROM newest_signals_feed"},
		{"DROP TABLE rollups_type SYNC", false, "SELECT count() FROM v_type"},
		{"DROP TABLE late SYNC", false, "SELECT count(row) FROM valid_late"},
		{"DROP TABLE rollups_sentiment SYNC", false, "SELECT count() FROM v_sentiment"},
		{"DROP TABLE rollups_sentiment_series SYNC", false, "SELECT count() FROM v_sentiment"},
		{"DROP VIEW v_interactions", true, "SELECT count() FROM v_interactions"},
		{"ALTER TABLE rollups_sentiment DROP COLUMN negative", false, "SELECT count(negative) FROM rollups_sentiment"},
		{"ALTER TABLE signals DROP COLUMN row", false, "SELECT count(row) FROM valid_signals"},
		{"ALTER TABLE feed DROP COLUMN held", false, "SELECT count(held) FROM feed"},
		{"DROP TABLE sink_cursors SYNC", false, "SELECT count() FROM sink_cursors"},
		{"DROP TABLE ebb_migrations SYNC", true, "SELECT count() FROM v_total"},
	} {
		if err := sink.Write(t.Context(), &sinks.Batch{Cursor: &at}); err != nil {
			t.Fatal(err)
		}
		if err := conn.Exec(t.Context(), test.drop); err != nil {
			t.Fatal(err)
		}
		const untouched = "SELECT toString(uuid) FROM system.tables WHERE database = currentDatabase() AND name = 'v_total'"
		var before, after string
		if err := conn.QueryRow(t.Context(), untouched).Scan(&before); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := clickhouse.Migrate(t.Context(), conn, clickhouse.DefaultTTL()); err != nil {
				t.Fatalf("%s: %v", test.drop, err)
			}
		}
		if err := conn.QueryRow(t.Context(), untouched).Scan(&after); err != nil || before != after && !strings.Contains(test.drop, "ebb_migrations") {
			t.Errorf("%s: v_total, which was there, was made again, %v", test.drop, err)
		}
		got, err := sink.Cursor(t.Context(), at.Name, at.Stream)
		if err != nil || (got.Sequence == at.Sequence) != test.vouches {
			t.Errorf("%s: cursor is %+v, %v; vouches: want %t", test.drop, got, err, test.vouches)
		}
		var key string
		if err := conn.QueryRow(t.Context(), "SELECT sorting_key FROM system.tables WHERE database = currentDatabase() AND name = 'deadletters'").Scan(&key); err != nil || key != "reason, sequence, subject, era, row" {
			t.Errorf("%s: the key of deadletters is %s, %v", test.drop, key, err)
		}
		var rows uint64
		if err := conn.QueryRow(t.Context(), test.complete).Scan(&rows); err != nil {
			t.Errorf("%s: %v", test.drop, err)
		}
	}
}

// A view over those of metrics takes long to make, so one that is right stays; one that
// is of another version or of somebody else does not.
func TestMigrateLeavesDerivedViewsThatAreRight(t *testing.T) {
	conn := migrated(t)
	made := func() map[string]string {
		t.Helper()
		out := map[string]string{}
		for _, d := range metric.Deriveds() {
			var id string
			if err := conn.QueryRow(t.Context(), "SELECT toString(uuid) FROM system.tables WHERE database = currentDatabase() AND name = {view:String}", ch.Named("view", d.View())).Scan(&id); err != nil {
				t.Fatalf("%s: %v", d.View(), err)
			}
			out[d.View()] = id
		}

		return out
	}
	before := made()
	if err := clickhouse.Migrate(t.Context(), conn, clickhouse.TTL{}); err != nil {
		t.Fatal(err)
	}
	if after := made(); !maps.Equal(before, after) {
		t.Errorf("views were made again:\n%v\n%v", before, after)
	}

	for _, statement := range []string{
		"CREATE OR REPLACE VIEW v_kind_mix AS SELECT 1 AS one",
		"ALTER TABLE v_cac MODIFY COMMENT 'of another version'",
		"DROP VIEW v_proxy_ranks",
	} {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := clickhouse.Migrate(t.Context(), conn, clickhouse.TTL{}); err != nil {
		t.Fatal(err)
	}
	for view, id := range made() {
		if changed := view == "v_kind_mix" || view == "v_cac" || view == "v_proxy_ranks"; changed != (id != before[view]) {
			t.Errorf("%s: made again is %t, want %t", view, id != before[view], changed)
		}
	}
	var share uint64
	if err := conn.QueryRow(t.Context(), "SELECT count(passive) FROM v_kind_mix").Scan(&share); err != nil {
		t.Errorf("v_kind_mix is not what it was: %v", err)
	}
}
