package dashboards

import (
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/sinks/clickhouse/clickhousetest"
)

// sourceSettings are those that the data source sends with every query.
func sourceSettings(t *testing.T) clickhouse.Settings {
	t.Helper()
	settings := clickhouse.Settings{}
	list, _ := dataSource(t).JSONData["customSettings"].([]any)
	for _, entry := range list {
		pair, _ := entry.(map[string]any)
		name, _ := pair["setting"].(string)
		settings[name] = pair["value"]
	}

	return settings
}

// On a database without a row, in which nothing changes: it is made once for all.
func TestWithoutRows(t *testing.T) {
	conn := clickhousetest.Migrated(t).Open(t)
	queriesOnEmptyTables(t, conn)
	queriesReadAlone(t, conn)
	dataSourceReadsAlone(t, conn)
	for _, a := range alerts() {
		for labels, value := range values(t, conn, &a) {
			if a.fires(value) {
				t.Errorf("%s fires where nothing is, with %v %s", a.uid, value, labels)
			}
		}
	}
}

// Whoever may look at a dashboard can send any query through its data source: none
// of them may change anything, also where the data source's user could.
func dataSourceReadsAlone(t *testing.T, conn driver.Conn) {
	t.Helper()
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(sourceSettings(t)))
	for _, statement := range []string{
		"CREATE TABLE mine (a Int64) ENGINE = Memory",
		"CREATE VIEW mine AS SELECT 1",
		"DROP TABLE signals",
		"DROP VIEW v_signals",
		"TRUNCATE TABLE signals",
		"ALTER TABLE signals DELETE WHERE 1",
		"ALTER TABLE signals ADD COLUMN mine Int64",
		"RENAME TABLE signals TO mine",
		"INSERT INTO levels (time) VALUES (now())",
		"OPTIMIZE TABLE signals",
		"CREATE DATABASE mine",
		"SET readonly = 0",
		"CREATE TABLE mine (a Int64) ENGINE = Memory SETTINGS readonly = 0",
		"SYSTEM FLUSH LOGS",
		"INSERT INTO FUNCTION file('mine.csv', 'CSV', 'a Int64') SELECT 1",
	} {
		if err := conn.Exec(ctx, statement); err == nil {
			t.Errorf("done, and must be refused: %s", statement)
		}
	}
	// The plugin sets a bound of its own.
	bounded := clickhouse.Context(t.Context(), clickhouse.WithSettings(sourceSettings(t)), clickhouse.WithSettings(clickhouse.Settings{
		"readonly": sourceSettings(t)["readonly"], "max_execution_time": 60,
	}))
	if err := conn.Exec(bounded, "SELECT count() FROM v_signals"); err != nil {
		t.Errorf("reading is refused: %v", err)
	}
}

// Every panel works so.
func queriesReadAlone(t *testing.T, conn driver.Conn) {
	t.Helper()
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(sourceSettings(t)))
	for _, name := range allQueryNames(t) {
		built, err := queryBuilder{name: name, format: asTable}.Build()
		if err != nil {
			t.Fatal(err)
		}
		in := timeRange{from: at(0), to: at(30), interval: time.Minute, window: "1h"}
		result, err := conn.Query(ctx, in.expand(t, built.(query).RawSQL))
		if err != nil {
			t.Errorf("%s: %v", name, err)

			continue
		}
		if err := result.Close(); err != nil {
			t.Error(err)
		}
	}
}
