package local_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/shopspring/decimal"

	"ebb/deploy/local"
	"ebb/deploy/local/localtest"
)

// everyType is a row with the column types that schemas use.
type everyType struct {
	ID       uint64            `ch:"id"`
	Name     string            `ch:"name"`
	Channel  string            `ch:"channel"`
	Tags     []string          `ch:"tags"`
	Labels   map[string]string `ch:"labels"`
	Score    *float64          `ch:"score"`
	Amount   decimal.Decimal   `ch:"amount"`
	At       time.Time         `ch:"at"`
	Seconds  time.Time         `ch:"seconds"`
	Enabled  bool              `ch:"enabled"`
	Level    string            `ch:"level"`
	Counts   []uint32          `ch:"counts"`
	Version  uint64            `ch:"version"`
	Negative int64             `ch:"negative"`
}

const everyTypeTable = `
CREATE TABLE every_type
(
    id       UInt64,
    name     String,
    channel  LowCardinality(String),
    tags     Array(LowCardinality(String)),
    labels   Map(LowCardinality(String), String),
    score    Nullable(Float64),
    amount   Decimal(18, 4),
    at       DateTime64(3, 'UTC'),
    seconds  DateTime('UTC'),
    enabled  Bool,
    level    Enum8('healthy' = 1, 'lapsed' = 2),
    counts   Array(UInt32),
    version  UInt64,
    negative Int64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY id
TTL seconds + INTERVAL 3650 DAY`

func everyTypeRows() []everyType {
	score := 0.25
	at := time.Date(2026, 3, 1, 12, 30, 0, 123e6, time.UTC)
	return []everyType{
		{
			ID: 1, Name: "line one\nline two\x00\xff\t\\N';--", Channel: "email", Tags: []string{"a\n", ""},
			Labels: map[string]string{"k\n": "v\x00"}, Score: &score, Amount: decimal.RequireFromString("-12.3456"),
			At: at, Seconds: at.Truncate(time.Second), Enabled: true, Level: "lapsed", Counts: []uint32{0, 1<<32 - 1},
			Version: 1<<64 - 1, Negative: -1 << 63,
		},
		{
			ID: 1<<64 - 1, Tags: []string{}, Labels: map[string]string{}, Amount: decimal.RequireFromString("0"),
			At: at.Add(time.Millisecond), Seconds: at.Truncate(time.Second), Level: "healthy", Counts: []uint32{},
		},
	}
}

func TestClickHouseKeepsEveryType(t *testing.T) {
	compressions := map[string]*clickhouse.Compression{
		"none":    nil,
		"lz4":     {Method: clickhouse.CompressionLZ4},
		"zstd":    {Method: clickhouse.CompressionZSTD},
		"gzip":    {Method: clickhouse.CompressionGZIP, Level: 1},
		"deflate": {Method: clickhouse.CompressionDeflate, Level: 1},
		"br":      {Method: clickhouse.CompressionBrotli, Level: 1},
	}
	for name, compression := range compressions {
		t.Run(name, func(t *testing.T) {
			options := localtest.ClickHouse(t).Options()
			options.Compression = compression
			options.Settings = clickhouse.Settings{"enable_http_compression": 1}
			conn := openConn(t, options)

			mustExec(t, conn, everyTypeTable)
			want := everyTypeRows()
			mustInsert(t, conn, "INSERT INTO every_type", want)

			var got []everyType
			if err := conn.Select(t.Context(), &got, "SELECT * FROM every_type FINAL ORDER BY id"); err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(flat(got)) != fmt.Sprint(flat(want)) || !reflect.DeepEqual(names(got), names(want)) {
				t.Errorf("read %v\nwrote %v", flat(got), flat(want))
			}
		})
	}
}

// flat makes rows comparable: times and decimals by value, pointers followed.
func flat(rows []everyType) []string {
	var out []string
	for _, r := range rows {
		score := "null"
		if r.Score != nil {
			score = fmt.Sprint(*r.Score)
		}
		out = append(out, fmt.Sprintf("%d %q %s %q %q %s %s %s %s %t %s %v %d %d", r.ID, r.Name, r.Channel, r.Tags, r.Labels,
			score, r.Amount.StringFixed(4), r.At.UTC(), r.Seconds.UTC(), r.Enabled, r.Level, r.Counts, r.Version, r.Negative))
	}
	return out
}

func names(rows []everyType) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Name)
	}
	return out
}

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

func TestClickHouseRunsQueriesSideBySide(t *testing.T) {
	conn := localtest.ClickHouse(t).Open(t)
	mustExec(t, conn, "CREATE TABLE busy (a UInt64) ENGINE = MergeTree ORDER BY a")

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- conn.Exec(ctx, "SELECT sleepEachRow(0.1) FROM numbers(3000) SETTINGS max_block_size = 1")
	}()
	waitForQuery(t, conn, "sleepEachRow", 1)

	var quick sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		quick.Go(func() {
			errs[i] = conn.Exec(t.Context(), fmt.Sprintf("INSERT INTO busy VALUES (%d)", i))
		})
	}
	quick.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if got := selectOne[uint64](t, conn, "SELECT count() FROM busy"); got != 8 {
		t.Errorf("count = %d, want 8", got)
	}

	select {
	case err := <-ended:
		t.Errorf("the query of five minutes ended first: %v", err)
	default:
		cancel()
		<-ended
	}
}

// More queries than places wait their turn.
func TestClickHouseBoundsWhatRuns(t *testing.T) {
	const places, queries = 2, 8
	server, err := local.StartClickHouse(local.ClickHouseConfig{Dir: t.TempDir(), MaxQueries: places})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustClose(t, server) })
	conn := openConn(t, optionsOf(server))

	var wait sync.WaitGroup
	seen := make([]uint64, queries)
	errs := make([]error, queries)
	for i := range queries {
		wait.Go(func() {
			errs[i] = conn.QueryRow(t.Context(), "SELECT count() + sum(ignore(sleep(0.05))) FROM system.processes").Scan(&seen[i])
		})
	}
	wait.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if most := slices.Max(seen); most > places {
		t.Errorf("%d queries ran at once, want at most %d", most, places)
	}
}

// The library's rule is one data folder per process at a time.
func TestClickHouseFoldersFollowOneAnother(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()

	a := startClickHouse(t, first)
	connA := openConn(t, optionsOf(a))
	mustExec(t, connA, "CREATE TABLE kept (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	mustExec(t, connA, "INSERT INTO kept VALUES (1, 'x\ny')")
	mustExec(t, connA, "CREATE DATABASE other")
	mustExec(t, connA, "CREATE TABLE other.kept (a UInt64) ENGINE = ReplacingMergeTree ORDER BY a")
	mustExec(t, connA, "INSERT INTO other.kept SELECT number FROM numbers(1000)")

	if _, err := local.StartClickHouse(local.ClickHouseConfig{Dir: second}); err == nil || !strings.Contains(err.Error(), "one data folder per process") {
		t.Errorf("a second folder at the same time: error = %v, want the rule", err)
	}
	if _, err := local.StartClickHouse(local.ClickHouseConfig{Dir: first}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("the same folder twice: error = %v, want that it is in use", err)
	}
	mustClose(t, a)
	mustClose(t, a) // a second Close must neither fail nor hang

	b := startClickHouse(t, second)
	connB := openConn(t, optionsOf(b))
	if got := selectOne[uint64](t, connB, "SELECT count() FROM system.tables WHERE name = 'kept'"); got != 0 {
		t.Errorf("the second folder shows %d tables of the first", got)
	}
	mustClose(t, b)

	again := openConn(t, optionsOf(startClickHouse(t, first)))
	if got := selectOne[string](t, again, "SELECT b FROM kept"); got != "x\ny" {
		t.Errorf("after the restart b = %q, want %q", got, "x\ny")
	}
	if got := selectOne[uint64](t, again, "SELECT sum(a) FROM other.kept FINAL"); got != 499500 {
		t.Errorf("after the restart sum = %d, want 499500", got)
	}
	if got := selectOne[string](t, again, "SELECT engine FROM system.databases WHERE name = 'other'"); got != "Atomic" {
		t.Errorf("database engine %q, want Atomic", got)
	}
}

func TestClickHouseCloseKillsWhatRuns(t *testing.T) {
	server, err := local.StartClickHouse(local.ClickHouseConfig{Dir: t.TempDir(), Drain: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	conn := openConn(t, optionsOf(server))
	ended := make(chan error, 1)
	go func() {
		ended <- conn.Exec(t.Context(), "SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1")
	}()
	waitForQuery(t, conn, "sipHash64(number)", 1)

	began := time.Now()
	mustClose(t, server)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("Close took %s", took)
	}
	if err := <-ended; err == nil {
		t.Error("the query that was killed reported no error")
	}
}

func TestClickHouseKillsTheQueryOfALostClient(t *testing.T) {
	conn := localtest.ClickHouse(t).Open(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- conn.Exec(ctx, "SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 2")
	}()
	waitForQuery(t, conn, "sipHash64(number)", 1)
	cancel()
	if err := <-ended; err == nil {
		t.Error("the cancelled query reported no error")
	}
	waitForQuery(t, conn, "sipHash64(number)", 0)
}

func TestClickHouseLimitsTheMemoryOfAQuery(t *testing.T) {
	server, err := local.StartClickHouse(local.ClickHouseConfig{Dir: t.TempDir(), MaxMemory: 256 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mustClose(t, server) })
	conn := openConn(t, optionsOf(server))

	err = conn.Exec(t.Context(), "SELECT count() FROM (SELECT number, toString(number) FROM numbers(50000000) GROUP BY ALL) SETTINGS max_bytes_before_external_group_by = 0, max_bytes_ratio_before_external_group_by = 0")
	var exception *clickhouse.Exception
	if !errors.As(err, &exception) || exception.Code != 241 {
		t.Errorf("error = %v, want code 241, MEMORY_LIMIT_EXCEEDED", err)
	}
	if got := selectOne[uint8](t, conn, "SELECT toUInt8(1)"); got != 1 {
		t.Errorf("SELECT 1 after it = %d", got)
	}
}

// Loading the engine must leave the Go runtime its signals.
func TestClickHouseLeavesPanicsToGo(t *testing.T) {
	localtest.ClickHouse(t)
	defer func() {
		if recover() == nil {
			t.Error("a nil dereference did not panic")
		}
	}()
	var nothing *everyType
	nothing.ID = 1
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
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		got := selectOne[uint64](t, conn, query)
		if got == n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d queries with %q run, want %d", got, part, n)
		}
	}
}
