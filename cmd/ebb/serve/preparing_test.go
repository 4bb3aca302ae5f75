package serve

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"ebb/deploy/local/localtest"
	"ebb/pipeline/wire"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

// A ClickHouse that is away fails the write, and one that is there gets its
// tables with the first one.
func TestPreparingSinkMakesTheTablesWithTheFirstRows(t *testing.T) {
	database := localtest.ClickHouse(t)
	config := clickhouse.Config{Address: "http://" + database.Addr, Database: database.Name}
	rows := &sinks.Batch{Levels: []wire.LevelsRow{{Header: wire.Header{Schema: wire.Schema, Table: wire.Levels, Version: 1}, Healthy: 3}}}

	away := config
	away.Address = fmt.Sprint("http://127.0.0.1:", localtest.Port(t))
	short, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := preparing(t, away).Write(short, rows); err == nil {
		t.Error("a write to a server that is away succeeded")
	}

	sink := preparing(t, config)
	for range 2 {
		if err := sink.Write(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
	}
	var healthy uint64
	if err := database.Open(t).QueryRow(t.Context(), "SELECT toUInt64(healthy) FROM levels FINAL").Scan(&healthy); err != nil || healthy != 3 {
		t.Errorf("healthy is %d, %v; want 3", healthy, err)
	}
}

func preparing(t *testing.T, config clickhouse.Config) *preparingSink {
	t.Helper()
	sink, err := clickhouse.Connect(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })

	return &preparingSink{Sink: sink, config: config, prefix: "engagement", log: slog.New(slog.DiscardHandler)}
}
