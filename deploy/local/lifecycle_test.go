package local_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"ebb/deploy/local"
	"ebb/deploy/local/localtest"
)

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
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the query that was given up ended with %v", err)
		}
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
	nothing.ID = 1 //nolint:govet // the nil dereference is what is tested
}
