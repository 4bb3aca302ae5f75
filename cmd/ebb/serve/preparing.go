package serve

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"ebb/cmd/ebb/setting"
	"ebb/sinks"
	"ebb/sinks/clickhouse"
)

// preparingSink is a ClickHouse whose database and tables are made before the
// first rows, whenever the server is there to make them: until then a write
// fails, and the feed tries it again. So detection and signals begin without
// ClickHouse.
type preparingSink struct {
	*clickhouse.Sink
	config clickhouse.Config
	ttl    clickhouse.TTL
	prefix string // of the streams; the database holds their rows alone

	benchmarks setting.BenchmarksConfig
	log        *slog.Logger

	mu    sync.Mutex // the feed writes several streams at once
	ready bool
}

var _ sinks.Sink = (*preparingSink)(nil)

// Write prepares the tables if that is still to be done, then writes.
func (s *preparingSink) Write(ctx context.Context, batch *sinks.Batch) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}

	return s.watch(s.Sink.Write(ctx, batch))
}

// Cursor prepares the tables as well: what is new there has no cursor.
func (s *preparingSink) Cursor(ctx context.Context, name, stream string) (sinks.Cursor, error) {
	if err := s.prepare(ctx); err != nil {
		return sinks.Cursor{}, err
	}
	at, err := s.Sink.Cursor(ctx, name, stream)

	return at, s.watch(err)
}

// watch notes when something of the schema is gone, so that the next try makes
// it again.
func (s *preparingSink) watch(err error) error {
	if clickhouse.Incomplete(err) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.ready = false
		s.log.Warn("a part of the ClickHouse schema is gone; making it again, and reading again what it held", "error", err)
	}

	return err
}

func (s *preparingSink) prepare(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready {
		return nil
	}
	err := clickhouse.Prepare(ctx, s.config, s.ttl)
	if err == nil {
		err = clickhouse.Claim(ctx, s.config, s.prefix)
	}
	if err == nil {
		err = s.setBenchmarks(ctx)
	}
	if err != nil {
		return fmt.Errorf("prepare ClickHouse at %s: %w; without it: --no-clickhouse.enabled", s.config.Address, err)
	}
	s.ready = true
	s.log.Info("ClickHouse is ready", "address", s.config.Address, "database", s.config.Database)

	return nil
}

// setBenchmarks sets what figures are held against. The figures of others stay as
// `ebb benchmark load` set them where the settings name no file.
func (s *preparingSink) setBenchmarks(ctx context.Context) error {
	targets, others, err := s.benchmarks.Read()
	if err != nil {
		return err
	}
	err = clickhouse.LoadBenchmarks(ctx, s.config, s.prefix, clickhouse.Targets, targets)
	if err == nil && s.benchmarks.File != "" {
		err = clickhouse.LoadBenchmarks(ctx, s.config, s.prefix, clickhouse.Industries, others)
	}

	return err
}
