package local_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/deploy/local"
	"ebb/deploy/local/localtest"
)

func TestClickHouseErrorsKeepTheirCode(t *testing.T) {
	conn := localtest.ClickHouse(t).Open(t)
	mustExec(t, conn, "CREATE TABLE one (a UInt8) ENGINE = MergeTree ORDER BY a")

	tests := []struct {
		name, query string
		code        int32
	}{
		{"unknown table", "SELECT * FROM missing", 60},
		{"syntax", "SELEC 1", 62},
		{"unknown setting", "SELECT 1 SETTINGS no_such_setting = 1", 115},
		{"unknown database", "SELECT * FROM missing.table", 81},
		{"thrown while running", "SELECT throwIf(number = 3) FROM numbers(10)", 395},
		{"several statements", "SELECT 1; SELECT 2", 62},
		{"table exists", "CREATE TABLE one (a UInt8) ENGINE = MergeTree ORDER BY a", 57},
		{"bad inline row", "INSERT INTO one VALUES ('word')", 6},
		{"insert into a missing table", "INSERT INTO missing VALUES (1)", 60},
		{"insert a missing column", "INSERT INTO one (b) VALUES (1)", 16},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := conn.Exec(t.Context(), test.query)
			var exception *clickhouse.Exception
			if !errors.As(err, &exception) {
				t.Fatalf("error = %v, want a clickhouse.Exception", err)
			}
			if exception.Code != test.code {
				t.Errorf("code %d (%v), want %d", exception.Code, err, test.code)
			}
		})
	}
}

func TestClickHouseTakesParameters(t *testing.T) {
	conn := localtest.ClickHouse(t).Open(t)
	ctx := clickhouse.Context(t.Context(), clickhouse.WithParameters(clickhouse.Parameters{
		"n": "42", "text": `it''s \\ 'quoted'; DROP TABLE x`, "list": "['a','b']",
	}))

	var (
		n    uint64
		text string
		list []string
	)
	row := conn.QueryRow(ctx, "SELECT {n:UInt64}, {text:String}, {list:Array(String)}")
	if err := row.Scan(&n, &text, &list); err != nil {
		t.Fatal(err)
	}
	if n != 42 || text != `it''s \ 'quoted'; DROP TABLE x` || !reflect.DeepEqual(list, []string{"a", "b"}) {
		t.Errorf("got %d, %q, %q", n, text, list)
	}
}

func TestClickHouseSettingsDoNotLeak(t *testing.T) {
	conn := localtest.ClickHouse(t).Open(t)
	const query = "SELECT toUInt64(getSetting('max_block_size'))"

	before := selectOne[uint64](t, conn, query)
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"max_block_size": 777}))
	var during uint64
	if err := conn.QueryRow(ctx, query).Scan(&during); err != nil {
		t.Fatal(err)
	}
	if during != 777 {
		t.Errorf("with the setting: max_block_size = %d, want 777", during)
	}
	if after := selectOne[uint64](t, conn, query); after != before {
		t.Errorf("after the setting: max_block_size = %d, want %d", after, before)
	}
}

func TestClickHouseReplacesByVersion(t *testing.T) {
	conn := localtest.ClickHouse(t).Open(t)
	mustExec(t, conn, "CREATE TABLE versions (key UInt64, value String, version UInt64) ENGINE = ReplacingMergeTree(version) ORDER BY key")
	type row struct {
		Key     uint64 `ch:"key"`
		Value   string `ch:"value"`
		Version uint64 `ch:"version"`
	}
	// The newest version is neither first nor last.
	for _, r := range []row{{7, "first", 1}, {7, "newest", 3}, {7, "second", 2}} {
		mustInsert(t, conn, "INSERT INTO versions", []row{r})
	}
	if got := selectOne[string](t, conn, "SELECT value FROM versions FINAL WHERE key = 7"); got != "newest" {
		t.Errorf("FINAL reads %q, want the newest version", got)
	}
}

func TestClickHouseDeduplicatesByToken(t *testing.T) {
	conn := localtest.ClickHouse(t).Open(t)
	mustExec(t, conn, "CREATE TABLE tokens (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100")
	type row struct {
		A uint64 `ch:"a"`
	}
	for _, token := range []string{"one", "one", "two"} {
		settings := clickhouse.Settings{"insert_deduplication_token": token, "insert_deduplicate": 1}
		ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(settings))
		batch, err := conn.PrepareBatch(ctx, "INSERT INTO tokens")
		if err != nil {
			t.Fatal(err)
		}
		if err := batch.AppendStruct(&row{A: 1}); err != nil {
			t.Fatal(err)
		}
		if err := batch.Send(); err != nil {
			t.Fatal(err)
		}
	}
	if got := selectOne[uint64](t, conn, "SELECT count() FROM tokens"); got != 2 {
		t.Errorf("%d rows after inserts with tokens one, one, two; want 2", got)
	}
}

func startClickHouse(t *testing.T, dir string) *local.ClickHouse {
	t.Helper()
	server, err := local.StartClickHouse(local.ClickHouseConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustClose(t, server) })
	return server
}

func mustClose(t *testing.T, server *local.ClickHouse) {
	t.Helper()
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}

func optionsOf(server *local.ClickHouse) *clickhouse.Options {
	return localtest.Database{Addr: server.Addr(), Name: "default"}.Options()
}

func openConn(t *testing.T, options *clickhouse.Options) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func mustExec(t *testing.T, conn driver.Conn, query string) {
	t.Helper()
	if err := conn.Exec(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func mustInsert[T any](t *testing.T, conn driver.Conn, query string, rows []T) {
	t.Helper()
	batch, err := conn.PrepareBatch(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if err := batch.AppendStruct(&rows[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
}

func selectOne[T any](t *testing.T, conn driver.Conn, query string) T {
	t.Helper()
	var value T
	if err := conn.QueryRow(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// waitForQuery waits until n queries run whose text contains part.
func waitForQuery(t *testing.T, conn driver.Conn, part string, n uint64) {
	t.Helper()
	query := fmt.Sprintf("SELECT count() FROM system.processes WHERE query LIKE '%%%s%%' AND query NOT LIKE '%%system.processes%%'", part)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		got := selectOne[uint64](t, conn, query)
		if got == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d queries with %q run, want %d", got, part, n)
		}
	}
}
