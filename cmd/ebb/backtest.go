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

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/show"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/backtest"
	"ebb/pipeline/backtest/page"
	"ebb/pipeline/churn"
	"ebb/pipeline/replay"
)

// backtestCommand is `ebb backtest FILE`: how good the detector would have
// been on a log of the past.
type backtestCommand struct {
	File       string                   `arg:"" type:"existingfile" help:"Events: CSV, JSON lines or Parquet, plain, .gz, .zst or .zip."`
	Mapping    string                   `name:"mapping" placeholder:"NAME|FILE" help:"How the columns of the file become fields."`
	Horizon    string                   `name:"horizon" placeholder:"DURATION|auto" help:"Risk is the probability of no engagement for so long. auto takes one from the rhythm of the file; without it churn.horizon counts."`
	At         []string                 `name:"at" placeholder:"TIME" help:"Evaluate at this time (2026-03-01 or 2026-03-01T12:00:00Z), instead of at 8 to 12 times spaced over the file. May be given several times."`
	Thresholds []float64                `name:"thresholds" placeholder:"RISK,..." help:"Also judge the signals at these values of churn.at_risk_at, to choose one by its precision, in any order. Those at or below churn.cooling_at take a lower one of it, too."`
	Only       string                   `name:"only" type:"existingfile" placeholder:"FILE" help:"Test on these customers alone: a file with one id a line."`
	Seed       uint64                   `name:"seed" default:"1" placeholder:"N" help:"Seed of the intervals and of the customers in the plots; the same seed gives the same report."`
	Resamples  int                      `name:"resamples" default:"200" placeholder:"N" help:"Resamples for the intervals, 0 to 10000; 0 leaves them out."`
	JSON       bool                     `name:"json" help:"Print JSON."`
	HTML       string                   `name:"html" type:"path" placeholder:"FILE" help:"Write a report with plots to this file, too."`
	Processing setting.ProcessingConfig `embed:"" group:"Processing"`
	Churn      setting.ChurnConfig      `embed:"" prefix:"churn." group:"Churn"`

	at      []int64 // of At, set by Validate
	horizon int64   // of Horizon, ms; 0 where it is auto, set by Validate
}

// Help is shown by ebb backtest --help.
func (backtestCommand) Help() string {
	return "Runs the churn detector over a file of history, on the clock of the file, and compares what it said with what came: " +
		"how well it ranks, how well its probabilities hold, what its signals were worth, beside simple baselines. " +
		"Nothing is published or stored.\n\n" +
		term.Examples(
			"ebb backtest visits.csv   # the columns event_time and customer_id are enough",
			"ebb backtest events.csv.gz --mapping shop.yaml",
			"ebb backtest events.csv.gz --horizon auto --html report.html",
			"ebb backtest events.jsonl --horizon 90d --json",
			"ebb backtest events.jsonl --thresholds 0.7,0.8,0.9   # precision and recall of other churn.at_risk_at",
		)
}

// Validate refuses what can't work.
func (c *backtestCommand) Validate() error {
	slices.Sort(c.Thresholds)
	c.Thresholds = slices.Compact(c.Thresholds)
	problems := []error{
		setting.RefuseOutside("--resamples", c.Resamples, 0, backtest.MaxResamples),
		setting.Refuse(len(c.Thresholds) > backtest.MaxThresholds, "--thresholds", fmt.Sprint(len(c.Thresholds))+" risks", fmt.Sprintf("name at most %d", backtest.MaxThresholds)),
	}
	for _, at := range c.Thresholds {
		problems = append(problems, setting.Refuse(!(at >= backtest.MinThreshold && at <= backtest.MaxThreshold), "--thresholds", fmt.Sprint(at),
			fmt.Sprintf("name risks from %v to %v, such as 0.7,0.85", backtest.MinThreshold, backtest.MaxThreshold)))
	}
	switch c.Horizon {
	case "":
		c.horizon = time.Duration(c.Churn.Horizon).Milliseconds()
	case setting.AutoHorizon:
		c.horizon = 0
	default:
		horizon, err := setting.ParseDuration(c.Horizon)
		if err != nil {
			problems = append(problems, fmt.Errorf("--horizon: %w; or auto", err))

			break
		}
		c.horizon = horizon.Milliseconds()
		problems = append(problems, setting.RefuseOutside("--horizon", setting.Duration(horizon),
			setting.Duration(churn.MinHorizon*int64(time.Millisecond)), setting.Duration(churn.MaxHorizon*int64(time.Millisecond))))
	}
	c.at = nil
	for _, text := range c.At {
		at, err := parseInstant(text)
		problems = append(problems, err)
		c.at = append(c.at, at)
	}

	return errors.Join(problems...)
}

func parseInstant(text string) (int64, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UnixMilli(), nil
		}
	}

	return 0, setting.Refuse(true, "--at", text, "write a time like 2026-03-01 or 2026-03-01T12:00:00Z")
}

// Run reads the file, tests and prints.
func (c *backtestCommand) Run(ctx context.Context, to call.Streams) error {
	err := c.run(ctx, to)
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("the backtest of %s was interrupted; nothing was written", c.File)
	}

	return err
}

func (c *backtestCommand) run(ctx context.Context, to call.Streams) error {
	stages := &backtestStages{to: to.Err}
	defer stages.close()
	log, err := c.read(ctx, stages)
	if err != nil {
		return err
	}
	suggestion := backtest.Suggest(log)
	model := c.Churn
	model.Horizon = setting.Duration(c.horizon * int64(time.Millisecond))
	if c.horizon == 0 {
		model.Horizon = setting.Duration(suggestion.Horizon)
	}
	config := backtest.Config{Churn: model.Churn(), At: c.at, Thresholds: c.Thresholds, Resamples: c.Resamples, Seed: c.Seed}
	config.Churn.Dwell = min(config.Churn.Dwell, config.Churn.Horizon)
	report, err := backtest.Run(ctx, log, config, func(p backtest.Progress) { stages.set(p.Stage, p.Done, p.Total) })
	if errors.Is(err, backtest.ErrTooShort) {
		return fmt.Errorf("%w, such as %v", err, setting.Duration(suggestion.Horizon))
	}
	if err != nil {
		return err
	}
	stages.close()
	if c.HTML != "" {
		if err := writePage(c.HTML, report); err != nil {
			return err
		}
	}
	words := log.Survey.Words("with --vocabulary ('NAME=active', 'NAME=passive;qualifying', 'NAME=active;money=+') or under vocabulary.types of a mapping")
	if c.JSON {
		call.SayAll(to.Err, words)
		encoder := json.NewEncoder(to.Out)
		encoder.SetIndent("", "  ")

		return encoder.Encode(report)
	}

	return show.Backtest(to.Out, report, suggestion, c.horizonSource(), words)
}

// horizonSource says where the horizon came from.
func (c *backtestCommand) horizonSource() string {
	switch c.Horizon {
	case "":
		return "setting churn.horizon"
	case setting.AutoHorizon:
		return "from the rhythm of the file"
	}

	return "--horizon"
}

func (c *backtestCommand) read(ctx context.Context, stages *backtestStages) (*backtest.Log, error) {
	source := replay.FileSource(c.File).Until(ctx)
	mapping, err := replay.LoadMapping(c.Mapping, source)
	if err != nil {
		return nil, err
	}
	options := backtest.ReadOptions{
		Vocabulary: c.Processing.WholeVocabulary(),
		Lateness:   time.Duration(c.Processing.Lateness),
		Skew:       time.Duration(c.Processing.Skew),
		Duplicates: c.Processing.Duplicates.Duplicates(),

		ScannerWithin: time.Duration(c.Churn.ScannerWithin),
	}
	limits := replay.Limits{Skew: options.Skew}.Of(mapping)
	options.Latest = time.Now().Add(limits.Skew).UnixMilli()
	if c.Only != "" {
		if options.Only, err = readCustomers(c.Only); err != nil {
			return nil, err
		}
	}

	log, err := backtest.Read(ctx, source, mapping, options, func(done, total uint64) { stages.set("reading", done, total) })
	if errors.Is(err, backtest.ErrNoEvents) && c.Only != "" {
		return nil, fmt.Errorf("%w; or is none of its customers in %s (--only)?", err, c.Only)
	}

	return log, err
}

func writePage(path string, report *backtest.Report) error {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("--html: %w", err)
	}

	return errors.Join(page.Write(file, report), file.Close())
}

// backtestStages shows a progress of its own for each stage.
type backtestStages struct {
	to    io.Writer
	stage string
	bar   *term.Progress
}

func (s *backtestStages) set(stage string, done, total uint64) {
	if s.bar == nil || stage != s.stage {
		s.close()
		s.stage, s.bar = stage, term.NewProgress(s.to, stage)
	}
	s.bar.Set(done, total, "")
}

func (s *backtestStages) close() {
	if s.bar != nil {
		s.bar.Close()
		s.bar = nil
	}
}
