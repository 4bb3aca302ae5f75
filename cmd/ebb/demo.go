package main

import "errors"

// demoCommand is `ebb demo`.
type demoCommand struct {
	Events       string    `name:"events" type:"existingfile" placeholder:"FILE" help:"Read these events (CSV, JSON lines, or either with .gz or .zst) instead of simulating customers."`
	Mapping      string    `name:"mapping" placeholder:"NAME|FILE" help:"How the columns of --events become fields."`
	Dir          string    `name:"dir" type:"path" default:".ebb/demo" placeholder:"DIR" help:"Folder for the data of NATS and ClickHouse."`
	Verify       bool      `name:"verify" help:"Compare every stored figure with a plain recount of the events; exit 1 where they differ."`
	ChaosOrder   bool      `name:"chaos-order" help:"Shuffle the events within the allowed lateness; the result must be the same."`
	PublishTwice bool      `name:"publish-twice" help:"Publish every event twice; the result must be the same."`
	Serve        bool      `name:"serve" help:"Keep serving when done, until interrupted."`
	JSON         bool      `name:"json" help:"Print JSON."`
	Customers    int       `name:"customers" default:"5000" placeholder:"N" help:"Simulated customers, 1 to 1000000."`
	Days         int       `name:"days" default:"60" placeholder:"N" help:"Simulated days, 1 to 730."`
	Seed         uint64    `name:"seed" default:"1" placeholder:"N" help:"Seed of the simulation; the same seed gives the same events."`
	Shift        string    `name:"shift" enum:",now" default:"" placeholder:"now" help:"now: move the events in time, so that the last one happens now."`
	Log          LogConfig `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb demo --help.
func (demoCommand) Help() string {
	return examples(
		"ebb demo",
		"ebb demo --serve --customers 20000",
		"ebb demo --events events.csv.gz --mapping shop.yaml --verify",
		"ebb demo --events events.jsonl --chaos-order --publish-twice --verify --json",
	)
}

// Validate refuses what does not go together.
func (c *demoCommand) Validate() error {
	return errors.Join(
		refuse(c.Mapping != "" && c.Events == "", "--mapping", c.Mapping, "it maps the columns of --events; name them too"),
		refuseOutside("--customers", c.Customers, 1, 1_000_000),
		refuseOutside("--days", c.Days, 1, 730),
	)
}
