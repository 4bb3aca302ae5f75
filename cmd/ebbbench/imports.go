package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ebb/pipeline/imports"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/replay"
	"ebb/pipeline/shard"
	"ebb/sinks/clickhouse"
	"ebb/sinks/deliver"
)

// importFigures are those of a history in a file, through `ebb replay` into
// ClickHouse.
type importFigures struct {
	Import   float64 `json:"import_rows_per_second"`           // until all of it is committed
	WithSink float64 `json:"import_rows_per_second_with_sink"` // until all of it is in ClickHouse

	Rows        int     `json:"import_rows"`
	Customers   int     `json:"import_customers"`
	Seconds     float64 `json:"import_seconds"`
	SinkSeconds float64 `json:"import_sink_seconds"` // behind the import
	OutputRows  uint64  `json:"import_output_rows"`  // written to ClickHouse
	OutputBytes uint64  `json:"import_output_bytes"` // of the rollup stream
	EngineCPU   float64 `json:"import_cpu_seconds_engine"`
	NATSCPU     float64 `json:"import_cpu_seconds_nats"`
	SinkCPU     float64 `json:"import_cpu_seconds_clickhouse"`
}

// expiredNow is by the default retention: what it would remove at once is not
// produced.
func expiredNow(now time.Time) map[string]int64 {
	expired := map[string]int64{}
	for _, w := range clickhouse.DefaultTTL().Rollups {
		if w.Keep > 0 {
			expired[w.Window] = now.Add(-w.Keep).UnixMilli()
		}
	}

	return expired
}

// measureImport writes a history of the last days to a file and takes it
// through ebb replay, ebb backtest, or both.
func (c *runCommand) measureImport(ctx context.Context, f *figures, say *progress) (err error) {
	dir, err := os.MkdirTemp("", "ebbbench-import-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "history.csv")
	say.step("writing %d rows of %d customers", c.HistoryRows, c.HistoryCustomers)
	begin := time.Now().UTC().Truncate(24 * time.Hour).Add(-historySpan)
	if err := writeHistory(path, c.HistoryRows, c.HistoryCustomers, begin); err != nil {
		return err
	}
	if slices.Contains(c.Parts, "import") {
		f.importFigures = &importFigures{Rows: c.HistoryRows, Customers: c.HistoryCustomers}
		if err := c.importFile(ctx, path, f.importFigures, say); err != nil {
			return err
		}
	}
	f.backtestFigures = new(backtestFigures)

	return c.backtestFile(ctx, path, f.backtestFigures, say)
}

//nolint:funlen // one measurement, in the order of its steps
func (c *runCommand) importFile(ctx context.Context, path string, out *importFigures, say *progress) (err error) {
	say.step("starting NATS and ClickHouse, each in its own process")
	servers, err := startServers(ctx, say, c.profile("import.nats.pprof"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, servers.stop()) }()
	js, err := jetstream.Connect(ctx, jetstream.ConnectConfig{URL: servers.nats.address})
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	address := clickhouse.Config{Address: "http://" + servers.clickhouse.address}
	if err := clickhouse.Prepare(ctx, address, clickhouse.TTL{}); err != nil {
		return err
	}
	sink, err := clickhouse.Connect(address)
	if err != nil {
		return err
	}
	defer sink.Close()
	layout := jetstream.Layout{}.WithDefaults()
	config := c.config()
	run, err := startEngine(ctx, servers.nats.address, layout, config, sink)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.stop()) }()

	e := &endToEnd{servers: servers}
	stopProfile, err := startProfile(c.profile("import.pprof"))
	if err != nil {
		return err
	}
	before, err := e.spent()
	if err != nil {
		return err
	}
	start := time.Now()
	source := replay.FileSource(path)
	mapping, err := replay.LoadMapping("", source)
	if err != nil {
		return err
	}
	plan, err := replay.NewPlan(source, mapping, replay.Options{
		Partitions: layout.Partitions, Lateness: config.Lateness, Skew: config.Skew,
	})
	if err != nil {
		return err
	}
	if _, err := (imports.Importer{JS: js, Layout: layout, Plan: plan, Expired: expiredNow(start)}).Run(ctx); err != nil {
		return err
	}
	stored := time.Since(start)
	ends, err := jetstream.HistoryEnds(ctx, js, layout)
	if err != nil {
		return err
	}
	if err := run.wait(ctx, ends); err != nil {
		return err
	}
	out.Seconds = time.Since(start).Seconds()
	if err := run.feed.CaughtUp(ctx); err != nil {
		return err
	}
	total := time.Since(start).Seconds()
	out.SinkSeconds = total - out.Seconds
	after, err := e.spent()
	if err != nil {
		return err
	}
	out.EngineCPU, out.NATSCPU, out.SinkCPU = after.engine-before.engine, after.nats-before.nats, after.click-before.click
	out.Import, out.WithSink = float64(out.Rows)/out.Seconds, float64(out.Rows)/total
	for _, stream := range deliver.Streams() {
		out.OutputRows += run.feed.Counters(stream).Rows.Load()
	}
	if counts := run.counts(); counts.Processed != uint64(out.Rows) {
		return fmt.Errorf("%d rows were imported, and the engine counted %+v", out.Rows, counts)
	}
	rollups, err := js.Stream(ctx, layout.StreamName(shard.Rollups))
	if err != nil {
		return err
	}
	out.OutputBytes = rollups.CachedInfo().State.Bytes
	say.step("stored after %.1f s, committed after %.1f s, in ClickHouse after %.1f s", stored.Seconds(), out.Seconds, total)

	return stopProfile()
}

// profile is the path of a profile in the folder, "" where none is wanted.
func (c *runCommand) profile(name string) string {
	if !c.Profile {
		return ""
	}

	return filepath.Join(c.Folder, name)
}

func (f *importFigures) print(out io.Writer) {
	table(out, fmt.Sprintf("History: %s rows of %s customers and %.0f days", count(float64(f.Rows)), count(float64(f.Customers)), historySpan.Hours()/24),
		[]string{"", "rows/s", "seconds"},
		[]string{"imported and committed", count(f.Import), ratio(f.Seconds)},
		[]string{"and in ClickHouse", count(f.WithSink), ratio(f.Seconds + f.SinkSeconds)},
	)
	fmt.Fprintf(out, "  %s rows in %s MiB of messages; CPU s: engine and importer %.1f, NATS %.1f, ClickHouse %.1f\n",
		count(float64(f.OutputRows)), count(float64(f.OutputBytes)/(1<<20)), f.EngineCPU, f.NATSCPU, f.SinkCPU)
}
