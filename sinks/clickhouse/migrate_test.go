package clickhouse_test

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/metric"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

func TestMigrateAgainAndAtOnce(t *testing.T) {
	db := localtest.ClickHouse(t)
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		conn := db.Open(t)
		group.Go(func() { errs[i] = clickhouse.Migrate(t.Context(), conn, clickhouse.TTL{}) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}

	conn := db.Open(t)
	if err := clickhouse.Migrate(t.Context(), conn, clickhouse.TTL{}); err != nil {
		t.Fatalf("migrate a third time: %v", err)
	}
	var files, tables uint64
	row := conn.QueryRow(t.Context(), "SELECT (SELECT count() FROM ebb_migrations FINAL), count() FROM system.tables WHERE database = currentDatabase()")
	if err := row.Scan(&files, &tables); err != nil {
		t.Fatal(err)
	}
	schema, err := os.ReadDir("schema")
	if err != nil {
		t.Fatal(err)
	}
	want := uint64(69 + len(metric.Deriveds()))
	for _, m := range metric.Tables() { // each has two views, and a table, or two where history comes in series
		want += 4
		if m.Daily() {
			want--
		}
	}
	if files != uint64(len(schema)) || tables != want {
		t.Errorf("%d files applied and %d tables and views, want %d and %d", files, tables, len(schema), want)
	}
}

func TestMigrateRefusesAnotherSchema(t *testing.T) {
	for name, test := range map[string]struct{ change, want string }{
		"newer":   {"INSERT INTO ebb_migrations (version, name, checksum) VALUES (99, '0099_later.sql', 'x')", "run the newer ebb"},
		"changed": {"INSERT INTO ebb_migrations (version, name, checksum, applied_at) VALUES (1, '0001_rollups.sql', 'x', now64(3) + 10)", "applied with other content"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := migrated(t)
			if err := conn.Exec(t.Context(), test.change); err != nil {
				t.Fatal(err)
			}
			err := clickhouse.Migrate(t.Context(), conn, clickhouse.TTL{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestMigrateSetsAndRemovesTTL(t *testing.T) {
	conn := migrated(t)
	expiring := func() (n uint64) {
		t.Helper()
		row := conn.QueryRow(t.Context(), "SELECT countIf(engine_full LIKE '% TTL %') FROM system.tables WHERE database = currentDatabase() AND name != 'sink_cursors'")
		if err := row.Scan(&n); err != nil {
			t.Fatal(err)
		}

		return n
	}
	var metrics, days uint64 // their tables
	for _, m := range metric.Tables() {
		if m.Daily() {
			days++
		} else {
			metrics += 2
		}
	}
	for _, step := range []struct {
		ttl  clickhouse.TTL
		want uint64
	}{
		{clickhouse.TTL{}, 0},
		{clickhouse.DefaultTTL(), 17 + metrics},
		{clickhouse.DefaultTTL(), 17 + metrics},
		{clickhouse.TTL{Rollups: []clickhouse.WindowTTL{{Window: "1m", Keep: 24 * time.Hour}, {Window: "28d"}}}, 8 + metrics},
		{clickhouse.TTL{Rollups: []clickhouse.WindowTTL{{Window: "24h", Keep: 24 * time.Hour}}}, 8 + metrics + days},
		{clickhouse.TTL{Late: 48 * time.Hour}, 1},
		{clickhouse.TTL{}, 0},
	} {
		if err := clickhouse.Migrate(t.Context(), conn, step.ttl); err != nil {
			t.Fatal(err)
		}
		if got := expiring(); got != step.want {
			t.Errorf("with %+v, %d tables have a time to live, want %d", step.ttl, got, step.want)
		}
	}
	if err := clickhouse.Migrate(t.Context(), conn, clickhouse.TTL{Signals: time.Second}); err == nil {
		t.Error("a time to live of one second was taken")
	}
}

func TestPrepareMakesTheDatabase(t *testing.T) {
	db := localtest.ClickHouse(t)
	c := clickhouse.Config{Address: "http://" + db.Addr, Database: db.Name + "_new"}
	t.Cleanup(func() {
		if err := db.Open(t).Exec(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+c.Database); err != nil {
			t.Error(err)
		}
	})
	for range 2 {
		if err := clickhouse.Prepare(t.Context(), c, clickhouse.TTL{}); err != nil {
			t.Fatal(err)
		}
	}
	sink, err := clickhouse.Connect(c)
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	b := &sinks.Batch{DeadLetters: []sinks.DeadLetter{{Reason: "malformed", Sequence: 1}}}
	if err := sink.Write(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// A metric that an earlier version made with fewer measures gets its columns, and
// what the sink has written counts on.
func TestMetricsOfAnEarlierVersionGetTheirColumns(t *testing.T) {
	conn := migrated(t)
	sink := clickhouse.New(conn)
	at := sinks.Cursor{Name: "clickhouse", Stream: "S", Sequence: 5, Created: 7}
	if err := sink.Write(t.Context(), &sinks.Batch{Cursor: &at}); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"DROP VIEW v_sentiment", "ALTER TABLE rollups_sentiment DROP COLUMN negative", "ALTER TABLE rollups_sentiment_series DROP COLUMN negative",
		"INSERT INTO rollups_sentiment (window, channel, answers) VALUES ('1m', 'web', 3)",
		"INSERT INTO ebb_metrics (name, checksum) VALUES ('sentiment', 'of another version')",
	} {
		if err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := clickhouse.Migrate(t.Context(), conn, clickhouse.TTL{}); err != nil {
		t.Fatal(err)
	}
	var answers, negative uint64
	if err := conn.QueryRow(t.Context(), "SELECT answers, negative FROM valid_rollups_sentiment").Scan(&answers, &negative); err != nil || answers != 3 || negative != 0 {
		t.Errorf("%d answers, %d negative, %v; want those 3 that were there", answers, negative, err)
	}
	if got, err := sink.Cursor(t.Context(), at.Name, at.Stream); err != nil || got.Sequence != at.Sequence {
		t.Errorf("the cursor is %+v, %v; nothing has to be read again", got, err)
	}
}
