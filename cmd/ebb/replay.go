package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/show"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/imports"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/replay"
	"ebb/pipeline/vocabulary"
)

// replayCommand is `ebb replay FILE`: history into the input stream.
type replayCommand struct {
	File       string                   `arg:"" optional:"" help:"Events: CSV, JSON lines or Parquet, plain, .gz, .zst or .zip. Not needed with --live and --abort."`
	Mapping    string                   `name:"mapping" placeholder:"NAME|FILE" help:"How the columns of the file become fields: a YAML file, or the name of a mapping that comes with ebb. Chosen by the columns if left out."`
	Format     string                   `name:"format" placeholder:"NAME" help:"How the events of a JSON file are written: native, segment, cloudevents, or auto for all of them, each by its content. Chosen by the first lines if left out."`
	Shift      string                   `name:"shift" enum:",now" default:"" placeholder:"now" help:"now: move the events in time, so that the last one happens now; live events may follow."`
	Resume     bool                     `name:"resume" help:"Go on with an import of this file that was interrupted."`
	Live       bool                     `name:"live" help:"Let live events follow, this file or an import that is through: until then the clock stays at its last row, and live events are refused."`
	Abort      bool                     `name:"abort" help:"Give up the import that is open."`
	DryRun     bool                     `name:"dry-run" help:"Read and check the file, publish nothing. Exit code 1 where nothing of it would count."`
	JSON       bool                     `name:"json" help:"Print JSON."`
	NATS       setting.NATSConfig       `embed:"" prefix:"nats." group:"NATS"`
	Stream     setting.StreamConfig     `embed:"" prefix:"stream." group:"Stream"`
	Processing setting.ProcessingConfig `embed:"" group:"Processing"`
	TTL        setting.TTLConfig        `embed:"" prefix:"ttl." group:"Retention in ClickHouse"`
	Log        setting.LogConfig        `embed:"" prefix:"log." group:"Log"`
}

// Help is shown by ebb replay --help.
func (replayCommand) Help() string {
	return "An ebb that runs on the same stream processes the history; its lateness, skew and vocabulary must fit the file " +
		"(--dry-run says what would be late or unknown). Without --shift now the clock stays at the last row, until --live.\n\n" +
		term.Examples(
			"ebb replay events.csv.gz --mapping shop.yaml --dry-run",
			"ebb replay events.csv.gz --mapping shop.yaml",
			"ebb replay events.jsonl --shift now",
			"ebb replay calls.ndjson.gz --format segment --dry-run",
			"ebb replay events.jsonl --resume",
			"ebb replay events.jsonl --live",
			"ebb replay --live",
			"ebb replay --abort",
		)
}

// Validate refuses what does not go together.
func (c *replayCommand) Validate() error {
	problems := []error{
		setting.Refuse(c.Resume && c.Abort, "--resume", "true", "choose one of --resume and --abort"),
		setting.Refuse(c.Live && c.Abort, "--live", "true", "choose one of --live and --abort"),
		setting.Refuse(c.DryRun && (c.Resume || c.Abort || c.Live), "--dry-run", "true", "leave out --resume, --live and --abort"),
		setting.Refuse(c.File == "" && !c.Abort && !c.Live, "FILE", "", "name a file of events, or use --live or --abort"),
		setting.Refuse(c.Resume && c.File == "", "--resume", "true", "name the file whose import goes on"),
		setting.Refuse(c.Format != "" && c.Mapping != "", "--format", c.Format, "write the format into the mapping, or leave --mapping out"),
	}
	if formats := []string{"native", "segment", "cloudevents", "auto"}; c.Format != "" && !slices.Contains(formats, c.Format) {
		problems = append(problems, setting.Refuse(true, "--format", c.Format, "choose native, segment, cloudevents or auto"))
	}
	if c.File != "" {
		if _, err := os.Stat(c.File); err != nil {
			problems = append(problems, fmt.Errorf("FILE: %w; name a file that can be read", err))
		}
	}

	return errors.Join(problems...)
}

// Run publishes the file, checks it, or gives an import up.
func (c *replayCommand) Run(ctx context.Context, to call.Streams) error {
	if c.DryRun {
		return c.dryRun(ctx, to)
	}
	js, err := c.NATS.ConnectJetStream(ctx, c.Log.Logger(to.Err))
	if err != nil {
		return err
	}
	defer js.Conn().Close()
	layout := c.Stream.Layout()
	// Streams that are there keep the limits that ebb run has given them.
	err = jetstream.CheckInput(ctx, js, layout)
	if errors.Is(err, natsjs.ErrStreamNotFound) {
		err = jetstream.Provision(ctx, js, layout)
	}
	if err != nil {
		return err
	}
	var status jetstream.ImportStatus
	var ids replay.IDs
	switch {
	case c.Abort:
		status, err = given(jetstream.AbortImport(ctx, js, layout))
	case c.File != "":
		status, err = c.replay(ctx, to, js, layout, func(found replay.IDs) { ids = found })
	}
	if err == nil && c.Live && status.State != jetstream.ImportEnded { // shifted to now, it has ended by itself
		status, err = given(jetstream.EndImport(ctx, js, layout))
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(to.Out).Encode(struct {
			jetstream.ImportStatus
			replay.IDs
		}{status, ids})
	}
	call.SayAll(to.Out, ids.Words)
	_, err = fmt.Fprintf(to.Out, "%s: %d events of %s stored, clock %s\n", status.State, status.Rows, term.Printable(status.Source),
		time.UnixMilli(status.Clock).UTC().Format(time.RFC3339))
	if err == nil && status.State == jetstream.ImportFrozen {
		call.SayAll(to.Out, []string{"The clock stays there, and live events are refused, until `ebb replay --live`."})
	}

	return err
}

// given is how an import ended, if there was one.
func given(status jetstream.ImportStatus, err error) (jetstream.ImportStatus, error) {
	if err == nil && status.ID == "" {
		err = errors.New("no import is open or frozen: live events count already")
	}

	return status, err
}

func (c *replayCommand) replay(
	ctx context.Context, to call.Streams, js natsjs.JetStream, layout jetstream.Layout, compared func(replay.IDs),
) (jetstream.ImportStatus, error) {
	source := replay.FileSource(c.File).Until(ctx)
	mapping, err := c.mapping(source)
	if err != nil {
		return jetstream.ImportStatus{}, err
	}
	latest, err := imports.Latest(ctx, js, layout, c.limits(mapping).Skew)
	if err != nil {
		return jetstream.ImportStatus{}, err
	}
	plan, err := replay.NewPlan(source, mapping, replay.Options{
		Partitions: layout.Partitions,
		ShiftToNow: c.Shift == "now",
		Lateness:   time.Duration(c.Processing.Lateness),
		Skew:       time.Duration(c.Processing.Skew),
		Latest:     latest,
	})
	if err != nil {
		return jetstream.ImportStatus{}, err
	}
	call.SayAll(to.Err, plan.Words())
	if err := c.sayNoEngagement(ctx, to.Err, source, mapping); err != nil {
		return jetstream.ImportStatus{}, err
	}
	if err := c.checkLive(ctx, js, layout, plan); err != nil {
		return jetstream.ImportStatus{}, err
	}
	now := time.Now()
	call.SayAll(to.Err, c.TTL.Retention(now, plan.First+plan.Shift(now), 0))
	bar := term.NewProgress(to.Err, "publishing")
	defer bar.Close()

	return imports.Importer{
		JS: js, Layout: layout, Plan: plan, Resume: c.Resume, Expired: c.TTL.Rollups.Expired(now),
		Progress: func(p replay.Progress) {
			rest := "clock " + time.UnixMilli(p.Clock).UTC().Format(time.DateTime)
			if p.Waiting {
				rest += ", waiting for ebb run"
			}
			bar.Set(p.Rows, p.TotalRows, rest)
		},
		Compared: compared,
	}.Run(ctx)
}

// mapping is the one of the file, and knows the types of the vocabulary.
func (c *replayCommand) mapping(source replay.Source) (*replay.Mapping, error) {
	mapping, err := replay.LoadMapping(c.Mapping, source)
	if c.Format != "" {
		mapping, err = replay.FormatMapping(replay.Format(c.Format)), nil
	}
	if err != nil {
		return nil, err
	}
	vocab, err := vocabulary.NewVocabulary(mapping.AddTo(c.Processing.WholeVocabulary()))
	if err != nil {
		return nil, err
	}
	mapping.Know(vocab)

	return mapping, nil
}

// sayNoEngagement warns of a file from which no risk can come.
func (c *replayCommand) sayNoEngagement(ctx context.Context, to io.Writer, source replay.Source, mapping *replay.Mapping) error {
	survey, err := replay.FindEngagement(ctx, source, mapping, mapping.AddTo(c.Processing.WholeVocabulary()))
	if err == nil && survey != nil {
		call.SayAll(to, []string{survey.NoEngagement("with the setting vocabulary of ebb run", setting.Entry)})
	}

	return err
}

// checkLive refuses to begin an import behind live records: their time is the
// clock by then, and all of the history would count as late.
func (c *replayCommand) checkLive(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout, plan *replay.Plan) error {
	last, err := jetstream.LastImport(ctx, js, layout)
	if err != nil {
		return err
	}
	if last.ID == plan.Import || last.State == jetstream.ImportOpen || last.State == jetstream.ImportFrozen {
		return nil // it goes on, or is refused for another reason
	}
	live, err := jetstream.LastLive(ctx, js, layout)
	if err != nil {
		return err
	}
	begin := plan.First + plan.Shift(time.Now())
	if live <= begin+time.Duration(c.Processing.Lateness).Milliseconds() {
		return nil
	}

	return fmt.Errorf("stream %s holds live records up to %s, so history from %s on would all be late; "+
		"import it before the first live event, or into streams of its own (--stream.prefix)",
		layout.Stream, time.UnixMilli(live).UTC().Format(time.RFC3339), time.UnixMilli(begin).UTC().Format(time.RFC3339))
}

// limits are what the times of the file are measured by.
func (c *replayCommand) limits(mapping *replay.Mapping) replay.Limits {
	limits := replay.Limits{Lateness: time.Duration(c.Processing.Lateness), Skew: time.Duration(c.Processing.Skew)}.Of(mapping)
	if c.Shift != "now" {
		limits.Latest = time.Now().Add(limits.Skew).UnixMilli()
	}

	return limits
}

func (c *replayCommand) dryRun(ctx context.Context, to call.Streams) error {
	source := replay.FileSource(c.File).Until(ctx)
	mapping, err := c.mapping(source)
	if err != nil {
		return err
	}
	vocab, err := vocabulary.NewVocabulary(mapping.AddTo(c.Processing.WholeVocabulary()))
	if err != nil {
		return err
	}
	summary, err := replay.Sniff(source, mapping, vocab, c.limits(mapping))
	if err != nil {
		return err
	}
	var shift int64
	now := time.Now()
	if c.Shift == "now" {
		shift = now.UnixMilli() - summary.LastClock
	}
	retention := c.TTL.Retention(now, summary.FirstTime+shift, summary.LastTime+shift)
	nothing := error(nil)
	if summary.Counts() == 0 {
		nothing = fmt.Errorf("nothing of %s would count: of %d rows, %d would be dead letters, %d late and %d too far ahead of the clock",
			term.Printable(summary.Source), summary.Rows, summary.Bad, summary.Late, summary.TooFarAhead)
	}
	if c.JSON {
		return errors.Join(nothing, json.NewEncoder(to.Out).Encode(struct {
			replay.Summary
			Retention []string `json:"retention,omitempty"` // what of it would be gone at once
		}{summary, retention}))
	}
	if err := show.Summary(to.Out, &summary); err != nil {
		return err
	}
	if summary.Engaging == 0 {
		fmt.Fprintln(to.Out)
		if err := c.sayNoEngagement(ctx, to.Out, source, mapping); err != nil {
			return err
		}
	}
	if len(retention) > 0 {
		fmt.Fprintln(to.Out)
	}
	call.SayAll(to.Out, retention)

	return nothing
}
