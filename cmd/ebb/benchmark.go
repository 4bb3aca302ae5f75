package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse"
)

// benchmarkCommand is `ebb benchmark`.
type benchmarkCommand struct {
	Load    benchmarkLoadCommand    `cmd:"" help:"Set the figures of others that yours are held against."`
	Figures benchmarkFiguresCommand `cmd:"" help:"List the figures that can be held against others, and against targets."`
}

// benchmarkLoadCommand is `ebb benchmark load`.
type benchmarkLoadCommand struct {
	File       string                   `arg:"" name:"file" type:"existingfile" help:"CSV with the header metric,segment,figure,value,source."`
	JSON       bool                     `name:"json" help:"Print JSON."`
	Stream     setting.StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	ClickHouse setting.ClickHouseConfig `embed:"" prefix:"clickhouse." group:"ClickHouse"`
}

// Help is shown by ebb benchmark load --help.
func (benchmarkLoadCommand) Help() string {
	return "Reads a file of figures that others have, and keeps them in ClickHouse in place of those before. View v_benchmark holds yours " +
		"against them, against targets (setting benchmarks.targets) and against the 28 days before. ebb run does the same when it starts, " +
		"of the file that setting benchmarks.file names. A line is for all (an empty segment) or for a part of it, such as channel=email:\n\n" +
		"    metric,segment,figure,value,source\n" +
		"    nps,,nps,32,\"Survey of the trade, 2025\"\n" +
		"    campaigns,channel=email,open_rate,0.21,\"Survey of the trade, 2025\"\n\n" +
		term.Examples(
			"ebb benchmark load benchmark.csv",
			"ebb benchmark figures",
		)
}

// Run reads the file and sets what it says.
func (c *benchmarkLoadCommand) Run(ctx context.Context, to call.Streams) error {
	all, err := setting.ReadBenchmarkFile(c.File)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := clickhouse.LoadBenchmarks(ctx, c.ClickHouse.Sink(), c.Stream.Prefix, clickhouse.Industries, all); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(to.Out).Encode(map[string]any{"file": c.File, "figures": len(all)})
	}
	_, err = fmt.Fprintf(to.Out, "%d figures of others are set; view v_benchmark and `ebb report` hold yours against them.\n", len(all))

	return err
}

// benchmarkFiguresCommand is `ebb benchmark figures`.
type benchmarkFiguresCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Help is shown by ebb benchmark figures --help.
func (benchmarkFiguresCommand) Help() string {
	return "Names, units and parts, as the files that are loaded and setting benchmarks.targets name them.\n\n" +
		term.Examples("ebb benchmark figures", "ebb benchmark figures --json")
}

// Run lists them.
func (c *benchmarkFiguresCommand) Run(_ context.Context, to call.Streams) error {
	figures := metric.Headlines(metric.Describe())
	if c.JSON {
		return json.NewEncoder(to.Out).Encode(map[string]any{"figures": figures})
	}
	w := &term.Writer{To: to.Out}
	for _, f := range figures {
		var parts []string
		for _, s := range f.Segments {
			if s == "" {
				parts = append(parts, "all")
			} else {
				parts = append(parts, "by "+s)
			}
		}
		w.Line("%s", term.Wrapped(fmt.Sprintf("%s.%s: %s (%s), %s", f.Metric, f.Figure, f.Title, f.Unit, strings.Join(parts, " and ")), "  "))
	}

	return w.Err
}
