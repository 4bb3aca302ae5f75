package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ebb/pipeline/metric"
)

// runCommand measures. The parts, in the order of a run:
//
//	decoder    bytes to events, beside other decoders      decoder.go
//	shard      the whole path of an event on one core      shard.go
//	memory     bytes a customer                            memory.go
//	endtoend   JetStream to committed outputs, beside a    endtoend.go
//	           bare pull of the same stream
//	lag        from a record to its signal, and from a     lag.go
//	           window's end to its rows
//	import     a file of history through ebb replay, and   imports.go
//	           through ebb backtest, which
//	backtest   does alone                                  backtest.go
//	restart    stop and start with many customers         restart.go
//	metrics    what each metric costs a shard              metrics.go
type runCommand struct {
	Parts  []string `help:"What to measure: decoder, shard, memory, endtoend, lag, import, backtest (a half of import), restart, metrics." enum:"decoder,shard,memory,endtoend,lag,import,backtest,restart,metrics" default:"decoder,shard,memory,endtoend,lag,import,restart,metrics"`
	JSON   bool     `help:"Print the figures as JSON."`
	Folder string   `help:"Folder for latest.json and profiles." default:".bench" type:"path"`

	Events           int           `help:"Events of endtoend." default:"2000000"`
	Customers        int           `help:"Customers of endtoend." default:"100000"`
	Runs             int           `help:"How often endtoend takes turns; medians are reported." default:"3"`
	Known            int           `help:"Customers of shard and memory." default:"1000000"`
	Records          int           `name:"shard-events" help:"Events of shard." default:"4000000"`
	Live             time.Duration `help:"How long lag sends events." default:"40s"`
	LiveRate         int           `help:"Events a second of lag." default:"2000"`
	HistoryRows      int           `help:"Rows of import." default:"1000000"`
	HistoryCustomers int           `help:"Customers of import." default:"20000"`
	RestartCustomers int           `help:"Customers of restart." default:"1500000"`
	MetricRounds     int           `help:"Rounds of metrics, in which each has its turn." default:"60"`
	Budget           time.Duration `help:"After this time no further turn of endtoend begins, and it publishes for a tenth of it at most, so that a slow machine measures less instead of longer." default:"8m"`
	Profile          bool          `help:"Take one more turn of endtoend for a CPU profile, engine.pprof in the folder; shard, import and backtest write theirs too."`
	Dense            bool          `help:"Add windows of 10s every 1s to endtoend, so that every cut of every partition has rows."`

	counted

	started time.Time
}

// Help is the text below the flags.
func (*runCommand) Help() string {
	return `Examples:
  ebbbench                           everything, about five minutes on two cores
  ebbbench --parts=decoder,shard     two parts
  ebbbench --parts=endtoend --events=500000 --profile
  ebbbench --parts=import --metrics=base   without the metrics that cost
  ebbbench --parts=metrics           what each metric costs
  ebbbench --json > figures.json     for programs

The figures are also written to latest.json in the folder.`
}

// Run measures the parts, writes the figures and prints them.
func (c *runCommand) Run(ctx context.Context, std streams) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Folder, 0o755); err != nil { //nolint:gosec // figures are no secret
		return err
	}

	c.started = time.Now()
	f := figures{Machine: thisMachine(), Started: c.started.UTC().Truncate(time.Second)}
	say := newProgress(std.err)
	for _, part := range []struct {
		name    string
		measure func(context.Context, *figures, *progress) error
	}{
		{"decoder", c.measureDecoder},
		{"shard", c.measureShard},
		{"memory", c.measureMemory},
		{"endtoend", c.measureEndToEnd},
		{"lag", c.measureLag},
		{"import", c.measureImport},
		{"restart", c.measureRestart},
		{"metrics", c.measureMetrics},
	} {
		if !c.measures(part.name) {
			continue
		}
		if err := part.measure(ctx, &f, say.part(part.name)); err != nil {
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	f.Seconds = math.Round(time.Since(c.started).Seconds())

	return c.report(&f, std)
}

// measures says whether a part is wanted. A part of backtest alone is taken by
// that of import.
func (c *runCommand) measures(part string) bool {
	return slices.Contains(c.Parts, part) || part == "import" && slices.Contains(c.Parts, "backtest")
}

func (c *runCommand) check() error {
	if _, err := metric.Switched(c.Metrics); err != nil {
		return fmt.Errorf("--metrics: %w", err)
	}
	switch {
	case c.Events < 1000:
		return fmt.Errorf("--events is %d; it must be at least 1000", c.Events)
	case c.Customers < 1:
		return fmt.Errorf("--customers is %d; it must be at least 1", c.Customers)
	case c.Known < 1000:
		return fmt.Errorf("--known is %d; it must be at least 1000", c.Known)
	case c.Records < 1000:
		return fmt.Errorf("--shard-events is %d; it must be at least 1000", c.Records)
	case c.HistoryRows < 1000:
		return fmt.Errorf("--history-rows is %d; it must be at least 1000", c.HistoryRows)
	case c.HistoryCustomers < 1:
		return fmt.Errorf("--history-customers is %d; it must be at least 1", c.HistoryCustomers)
	case c.RestartCustomers < 1000:
		return fmt.Errorf("--restart-customers is %d; it must be at least 1000", c.RestartCustomers)
	case c.MetricRounds < 4:
		return fmt.Errorf("--metric-rounds is %d; it must be at least 4", c.MetricRounds)
	case c.Budget < time.Minute:
		return fmt.Errorf("--budget is %v; it must be at least 1m", c.Budget)
	case c.Runs < 1:
		return fmt.Errorf("--runs is %d; it must be at least 1", c.Runs)
	case c.Live < 15*time.Second:
		return fmt.Errorf("--live is %v; it must be at least 15s, so that customers can go and return", c.Live)
	case c.LiveRate < 1:
		return fmt.Errorf("--live-rate is %d; it must be at least 1", c.LiveRate)
	}

	return nil
}

// left is how much of the budget is left once the parts to come have theirs.
func (c *runCommand) left() time.Duration {
	left := c.Budget - time.Since(c.started)
	if slices.Contains(c.Parts, "lag") {
		left -= c.Live + lagOverhead
	}

	return left
}

func (c *runCommand) report(f *figures, std streams) error {
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	path := filepath.Join(c.Folder, "latest.json")
	if err := os.WriteFile(path, data, 0o644); err != nil { //nolint:gosec // figures are no secret
		return err
	}
	if c.JSON {
		_, err = std.out.Write(data)

		return err
	}
	f.print(std.out)
	fmt.Fprintf(std.err, "written to %s\n", path)

	return nil
}
