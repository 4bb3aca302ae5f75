package main

import (
	"context"
	"encoding/json"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/status"
	"ebb/cmd/ebb/term"
)

// statusCommand is `ebb status`.
type statusCommand struct {
	JSON   bool                 `name:"json" help:"Print JSON."`
	NATS   setting.NATSConfig   `embed:"" prefix:"nats." group:"NATS"`
	Stream setting.StreamConfig `embed:"" prefix:"stream." group:"Stream"`
	Log    setting.LogConfig    `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb status --help.
func (statusCommand) Help() string {
	return "Reads NATS alone, so it works while no instance runs. BEHIND counts the events and history records of the partition " +
		"that the stream holds after its last commit; a history record may hold many rows. " +
		"Of the risks of about two horizons, it shows what they said and what came, by segment, where there are at least " +
		"100 independent cases, 10 of them lost and 10 back.\n\n" +
		term.Examples(
			"ebb status",
			"ebb status --nats.url nats://nats:4222",
			"ebb status --json | jq '[.partitions[].behind] | max'",
		)
}

// Run asks NATS and prints.
func (c *statusCommand) Run(ctx context.Context, to call.Streams) error {
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()

	found, err := status.Read(ctx, js, c.Stream.Layout())
	if err != nil {
		return err
	}
	for i, warning := range found.Loss.Warnings {
		found.Loss.Warnings[i] = to.Given.In(warning)
	}
	if c.JSON {
		return json.NewEncoder(to.Out).Encode(found)
	}

	return found.Print(to.Out, to.Given)
}
