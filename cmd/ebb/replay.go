package main

import "errors"

// replayCommand is `ebb replay FILE`: history into the input stream.
type replayCommand struct {
	File    string           `arg:"" type:"existingfile" help:"Events: CSV or JSON lines, or either with .gz or .zst."`
	Mapping string           `name:"mapping" placeholder:"NAME|FILE" help:"How the columns of the file become fields."`
	Shift   string           `name:"shift" enum:",now" default:"" placeholder:"now" help:"now: move the events in time, so that the last one happens now; live events may follow."`
	Resume  bool             `name:"resume" help:"Go on with an import of this file that was interrupted."`
	Abort   bool             `name:"abort" help:"End an open import where it is."`
	DryRun  bool             `name:"dry-run" help:"Read and check the file, publish nothing."`
	JSON    bool             `name:"json" help:"Print JSON."`
	NATS    NATSConfig       `embed:"" prefix:"nats." group:"NATS"`
	Stream  StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	Process ProcessingConfig `embed:"" group:"Processing"`
	Log     LogConfig        `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb replay --help.
func (replayCommand) Help() string {
	return examples(
		"ebb replay events.csv.gz --mapping shop.yaml --dry-run",
		"ebb replay events.csv.gz --mapping shop.yaml",
		"ebb replay events.jsonl --shift now",
		"ebb replay events.jsonl --resume",
	)
}

// Validate refuses what does not go together.
func (c *replayCommand) Validate() error {
	return errors.Join(
		refuse(c.Resume && c.Abort, "--resume", "true", "choose one of --resume and --abort"),
		refuse(c.DryRun && (c.Resume || c.Abort), "--dry-run", "true", "leave out --resume and --abort"),
	)
}
