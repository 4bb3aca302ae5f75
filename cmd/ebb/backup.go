package main

import (
	"context"
	"encoding/json"
	"fmt"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/jetstream"
)

// backupCommand is `ebb backup`.
type backupCommand struct {
	Folder string               `arg:"" help:"Folder for the backup; new, or empty." placeholder:"FOLDER" type:"path"`
	JSON   bool                 `name:"json" help:"Print JSON."`
	NATS   setting.NATSConfig   `embed:"" prefix:"nats." group:"NATS"`
	Layout setting.StreamConfig `embed:"" prefix:"stream." group:"Stream"`
	Log    setting.LogConfig    `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb backup --help.
func (backupCommand) Help() string {
	return "Stores the streams and buckets of an installation in a folder, while it runs: the state first, the input last, " +
		"so that what comes back goes on as after a crash. Back up ClickHouse before it (BACKUP DATABASE), never after: rows of events that a " +
		"backup of NATS does not hold would stay for ever. Each stream lies there in the form of `nats stream backup`. " +
		"The user of ebb run may not do this; name one who may use STREAM.SNAPSHOT of the JetStream API.\n\n" +
		term.Examples(
			"ebb backup ./backup-1 --nats.credentials admin.creds",
			"ebb backup ./backup-1 --json | jq '.streams[] | {stream, messages}'",
		)
}

// Run stores and prints.
func (c *backupCommand) Run(ctx context.Context, to call.Streams) error {
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	b, err := jetstream.BackUp(ctx, js, c.Layout.Layout(), c.Folder, told(to, "stored"))
	if err != nil || c.JSON {
		return printBackup(to, b, err)
	}
	_, err = fmt.Fprintf(to.Out, "%d streams of %s are in %s.\nBack, into servers without them: ebb restore %[3]s\n", len(b.Streams), b.Stream, c.Folder)

	return err
}

// restoreCommand is `ebb restore`.
type restoreCommand struct {
	Folder string               `arg:"" help:"Folder that ebb backup wrote." placeholder:"FOLDER" type:"path"`
	DryRun bool                 `name:"dry-run" help:"Only say what the folder holds."`
	JSON   bool                 `name:"json" help:"Print JSON."`
	NATS   setting.NATSConfig   `embed:"" prefix:"nats." group:"NATS"`
	Layout setting.StreamConfig `embed:"" prefix:"stream." group:"Stream"`
	Log    setting.LogConfig    `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb restore --help.
func (restoreCommand) Help() string {
	return "Makes the streams and buckets of a backup on servers that have none of them, before an ebb runs there. " +
		"Restore ClickHouse first (RESTORE DATABASE), then `ebb check`, then `ebb run`: what the database has not, it reads again from the streams. " +
		"Events that came after the backup are lost, unless their producers send them again.\n\n" +
		term.Examples(
			"ebb restore ./backup-1 --dry-run",
			"ebb restore ./backup-1 --nats.credentials admin.creds",
		)
}

// Run restores and prints.
func (c *restoreCommand) Run(ctx context.Context, to call.Streams) error {
	if c.DryRun {
		b, err := jetstream.ReadBackup(c.Folder)
		if err != nil || c.JSON {
			return printBackup(to, b, err)
		}
		fmt.Fprintf(to.Out, "%s of %s:\n", b.Stream, term.TimeText(b.Time))
		for _, s := range b.Streams {
			told(call.Streams{Err: to.Out}, "holds")(s)
		}

		return nil
	}
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	b, err := jetstream.Restore(ctx, js, c.Layout.Layout(), c.Folder, told(to, "restored"))
	if err != nil || c.JSON {
		return printBackup(to, b, err)
	}
	_, err = fmt.Fprintf(to.Out, "%d streams of %s are back, as they were at %s.\nNext: ebb check, then ebb run.\n", len(b.Streams), b.Stream, term.TimeText(b.Time))

	return err
}

// told prints a line for each stream.
func told(to call.Streams, what string) func(jetstream.BackedUp) {
	return func(s jetstream.BackedUp) {
		fmt.Fprintf(to.Err, "%-8s %-32s %12d messages %9.1f MiB\n", what, s.Stream, s.Messages, float64(s.Bytes)/(1<<20))
	}
}

func printBackup(to call.Streams, b jetstream.Backup, err error) error {
	if err != nil {
		return err
	}

	return json.NewEncoder(to.Out).Encode(b)
}
