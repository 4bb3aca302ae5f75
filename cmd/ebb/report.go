package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/report"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse"
)

// reportCommand is `ebb report`.
type reportCommand struct {
	JSON       bool                     `name:"json" help:"Print JSON."`
	Stream     setting.StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	ClickHouse setting.ClickHouseConfig `embed:"" prefix:"clickhouse." group:"ClickHouse"`
}

// Help is shown by ebb report --help.
func (reportCommand) Help() string {
	return "One page of what happened in the last 28 days, by the stream's clock: customers, orders, surveys, who is at risk and why, " +
		"campaigns, targets, and what is not fed. It reads views of ClickHouse alone.\n\n" +
		term.Examples("ebb report", "ebb report --clickhouse.addr clickhouse:8123", "ebb report --json | jq .figures")
}

// Run reads and prints it.
func (c *reportCommand) Run(ctx context.Context, to call.Streams) error {
	ctx, cancel := context.WithTimeout(ctx, 2*lookTimeout)
	defer cancel()
	conn, clock, err := clickhouse.Read(ctx, c.ClickHouse.Sink(), c.Stream.Prefix)
	if err != nil {
		return err
	}
	defer conn.Close()
	if clock.IsZero() {
		return fmt.Errorf("%w: database %s holds no rows of this stream yet; `ebb status` says how far the stream has come", clickhouse.ErrNotRead, c.ClickHouse.Database)
	}
	r, err := report.Read(ctx, conn, clock)
	if err != nil {
		return err
	}
	// The figures of v_benchmark are those of others, which are asked.
	all := slices.DeleteFunc(metric.Describe(), func(d metric.Description) bool { return d.Name == "benchmark" })
	feeding, err := clickhouse.Feeds(ctx, c.ClickHouse.Sink(), c.Stream.Prefix, all)
	if err != nil {
		return err
	}
	r.AddFeeding(feeding, all)
	if c.JSON {
		return json.NewEncoder(to.Out).Encode(r)
	}

	return r.Print(to.Out)
}
