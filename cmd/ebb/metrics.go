package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/metrics"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/metric"
	"ebb/pipeline/spelling"
	"ebb/sinks/clickhouse"
)

// lookTimeout bounds how long ClickHouse is asked which are fed; one that can't be
// reached is told of before.
const lookTimeout = 2 * time.Minute

// metricsCommand is `ebb metrics`.
type metricsCommand struct {
	Name       string                   `arg:"" optional:"" name:"name" help:"One of them, by its name, its table or its view: all that is known of it."`
	Offline    bool                     `name:"offline" help:"Don't ask ClickHouse which are fed."`
	JSON       bool                     `name:"json" help:"Print JSON."`
	Metrics    []string                 `name:"metrics" default:"all" group:"Processing" placeholder:"NAME,…" help:"Metrics that are counted, as ebb run takes them."`
	Rollups    []setting.RollupEntry    `name:"rollups" group:"Processing" placeholder:"ENTRY" help:"Rollups of your own, as ebb run takes them."`
	Stream     setting.StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	ClickHouse setting.ClickHouseConfig `embed:"" prefix:"clickhouse." group:"ClickHouse"`
}

// Help is shown by ebb metrics --help.
func (metricsCommand) Help() string {
	return "Lists what ebb measures: what it is, its figures with their units, and what feeds it. Of one it shows everything, " +
		"with a query for ClickHouse. Where ClickHouse answers, it says which are fed: how many rows they have of the last " +
		fmt.Sprint(metric.Recent) + " days of the stream's clock, or what they wait for. Of windows it counts those of " + metric.ExampleWindow + ".\n\n" +
		term.Examples(
			"ebb metrics",
			"ebb metrics sentiment",
			"ebb metrics v_type --clickhouse.addr clickhouse:8123",
			"ebb metrics --offline --json | jq -r '.metrics[] | [.name, .view] | @tsv'",
		)
}

// Run lists them, or shows one.
func (c *metricsCommand) Run(ctx context.Context, to call.Streams) error {
	all := metric.Describe()
	if c.Name != "" {
		one, known := metric.Find(all, c.Name)
		if !known {
			return unknownMetric(c.Name, all)
		}
		all = []metric.Description{one}
	}
	on, err := metric.Switched(c.Metrics)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	report := metrics.New(all, c.ClickHouse.Database)
	report.Switch(on)
	if c.Name == "" {
		report.Keep(metric.Kept(on, setting.RollupsOf(c.Rollups)))
	}
	switch {
	case c.Offline:
		report.NotAsked = "Which are fed was not asked: --offline."
	case !c.ClickHouse.Enabled:
		report.NotAsked = "Which are fed was not asked: clickhouse.enabled is false."
	default:
		ctx, cancel := context.WithTimeout(ctx, lookTimeout)
		defer cancel()
		feeding, err := clickhouse.Feeds(ctx, c.ClickHouse.Sink(), c.Stream.Prefix, all)
		if err != nil {
			text := to.Given.In(err.Error())
			report.NotAsked = strings.ToUpper(text[:1]) + text[1:] + "."
		}
		report.Add(feeding)
	}
	switch {
	case c.JSON:
		return json.NewEncoder(to.Out).Encode(report)
	case c.Name != "":
		return report.PrintOne(to.Out, to.Given)
	}

	return report.Print(to.Out, to.Given)
}

// unknownMetric names what was probably meant.
func unknownMetric(name string, all []metric.Description) error {
	names := metric.Names(all)
	word := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(name), "rollups_"), "v_")
	near := spelling.Near(word, names, max(2, len(word)/3))
	if len(near) == 0 {
		return fmt.Errorf("there is no metric %q; there are %s; `ebb metrics` shows them", name, strings.Join(names, ", "))
	}

	return fmt.Errorf("there is no metric %q; did you mean %s? `ebb metrics` lists all", name, strings.Join(near[:min(3, len(near))], ", "))
}
