package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ebb/pipeline/metric"
)

// BenchmarkKind is what figures are held against.
type BenchmarkKind string

// The kinds.
const (
	Targets    BenchmarkKind = "target"   // of one's own
	Industries BenchmarkKind = "industry" // what others have
)

// SetBenchmarks sets all that figures are held against of a kind: what was set before
// no longer counts. It happens at once or not at all.
func SetBenchmarks(ctx context.Context, conn driver.Conn, kind BenchmarkKind, all []metric.Benchmark) error {
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO benchmarks (kind, metric, segment, figure, value, at_most, source, set_at)")
	if err != nil {
		return fmt.Errorf("clickhouse: table benchmarks: %w", err)
	}
	defer batch.Close()
	at := time.Now().UTC().Truncate(time.Millisecond)
	// The row without a metric says when they were set, also where there are none.
	for _, b := range append([]metric.Benchmark{{}}, all...) {
		if err := batch.Append(string(kind), b.Metric, b.Segment, b.Figure, b.Value, b.AtMost, b.Source, at); err != nil {
			return fmt.Errorf("clickhouse: table benchmarks: %w", err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("clickhouse: table benchmarks: %w", err)
	}

	return nil
}

// ErrNotSet says that what figures are held against could not be set. Its text is for
// people.
var ErrNotSet = errors.New("nothing was set")

// LoadBenchmarks is SetBenchmarks in the database of the streams of a prefix, which
// `ebb run` has made. The error is an ErrNotSet.
func LoadBenchmarks(ctx context.Context, c Config, prefix string, kind BenchmarkKind, all []metric.Benchmark) error {
	c = c.withDefaults()
	conn, err := Open(c)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotSet, err)
	}
	defer conn.Close()
	if err := c.ours(ctx, conn, prefix); err != nil {
		return fmt.Errorf("%w: %w", ErrNotSet, err)
	}
	if err := SetBenchmarks(ctx, conn, kind, all); err != nil {
		return fmt.Errorf("%w: %s", ErrNotSet, c.away(err))
	}

	return nil
}
