package main

import (
	"context"
	"encoding/json"
	"fmt"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/sinks/clickhouse"
)

// migrateCommand is `ebb migrate`.
type migrateCommand struct {
	ClickHouse setting.ClickHouseConfig `embed:"" prefix:"clickhouse." group:"ClickHouse"`
	TTL        setting.TTLConfig        `embed:"" prefix:"ttl." group:"Retention in ClickHouse"`
	JSON       bool                     `name:"json" help:"Print JSON."`
}

// Help is shown by ebb migrate --help.
func (migrateCommand) Help() string {
	return "Applies what is missing and sets how long rows stay; applying it again changes nothing else. " +
		"ebb run does the same when it starts.\n\n" +
		term.Examples(
			"ebb migrate",
			"ebb migrate --config ebb.yaml",
			"ebb migrate --clickhouse.addr clickhouse:8123 --ttl.signals 90d",
		)
}

// Run creates the database if it is missing and migrates it.
func (c *migrateCommand) Run(ctx context.Context, to call.Streams) error {
	if err := clickhouse.Prepare(ctx, c.ClickHouse.Sink(), c.TTL.Times()); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(to.Out).Encode(map[string]string{"database": c.ClickHouse.Database, "addr": c.ClickHouse.Addr})
	}
	_, err := fmt.Fprintf(to.Out, "Database %s on %s is up to date.\n", c.ClickHouse.Database, c.ClickHouse.Addr)

	return err
}
