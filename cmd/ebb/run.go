package main

// runCommand is `ebb run`: all settings, and nothing else.
type runCommand struct {
	Config `embed:""`
}

// Help is shown by ebb run --help.
func (runCommand) Help() string {
	return examples(
		"ebb run",
		"ebb run --config ebb.yaml",
		"ebb run --nats.url nats://nats:4222 --clickhouse.addr clickhouse:8123",
		"EBB_NATS_URL=nats://nats:4222 ebb run --no-clickhouse.enabled",
	)
}
