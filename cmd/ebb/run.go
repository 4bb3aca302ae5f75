package main

import (
	"context"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/serve"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
)

// runCommand is `ebb run`: all settings, and nothing else.
type runCommand struct {
	setting.Config `embed:""`
}

// Help is shown by ebb run --help.
func (runCommand) Help() string {
	return "Runs until interrupted: takes all partitions over, processes what the stream holds and what comes, " +
		"publishes rollups and signals, and writes them to ClickHouse. " +
		"Where another instance runs already, it stands by and takes over when that one stops or dies. " +
		"/readyz says how it stands, also with ?format=json.\n\n" +
		term.Examples(
			"ebb run",
			"ebb run --config ebb.yaml",
			"ebb run --nats.url nats://nats:4222 --clickhouse.addr clickhouse:8123",
			"EBB_NATS_URL=nats://nats:4222 ebb run --no-clickhouse.enabled",
		)
}

// Run runs until ctx ends, then stops.
func (c *runCommand) Run(ctx context.Context, to call.Streams, limit *serve.StopLimit) error {
	limit.Allow(time.Duration(c.Stop.Timeout))

	return serve.Run(ctx, &c.Config, c.Log.Logger(to.Given.Writer(to.Err)))
}
