package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"ebb/pipeline/backtest"
	"ebb/pipeline/meaning"
	"ebb/pipeline/replay"
)

// backtestFigures are those of a history in a file, through `ebb backtest`.
type backtestFigures struct {
	Backtest   float64 `json:"backtest_rows_per_second"` // reading and streaming, without the evaluation
	Evaluation float64 `json:"backtest_evaluation_seconds"`
	Read       float64 `json:"backtest_read_seconds"`
	Seconds    float64 `json:"backtest_seconds"` // of all
}

// backtestFile reads the file, streams it through the detector and evaluates
// it. What is evaluated on the way is part of the streaming.
func (c *runCommand) backtestFile(ctx context.Context, path string, out *backtestFigures, say *progress) error {
	stopProfile, err := startProfile(c.profile("backtest.pprof"))
	if err != nil {
		return err
	}
	source := replay.FileSource(path)
	mapping, err := replay.LoadMapping("", source)
	if err != nil {
		return err
	}
	config := meaning.DefaultConfig()
	start := time.Now()
	log, err := backtest.Read(ctx, source, mapping, backtest.ReadOptions{
		Vocabulary: config.Vocabulary, Lateness: config.Lateness, Skew: config.Skew,
		ScannerWithin: time.Duration(config.Churn.ScannerWithin) * time.Millisecond,
	}, func(uint64, uint64) {})
	if err != nil {
		return err
	}
	out.Read = time.Since(start).Seconds()
	var streamed time.Time
	test := backtest.Config{Churn: config.Churn}
	test.Churn.Horizon = (14 * 24 * time.Hour).Milliseconds()
	test.Resamples = backtest.DefaultResamples
	_, err = backtest.Run(ctx, log, test, func(p backtest.Progress) {
		if p.Stage != backtest.StageStreaming && streamed.IsZero() {
			streamed = time.Now()
		}
	})
	if err != nil {
		return err
	}
	done := time.Now()
	if streamed.IsZero() {
		streamed = done
	}
	out.Backtest = float64(log.Rows) / streamed.Sub(start).Seconds()
	out.Evaluation = done.Sub(streamed).Seconds()
	out.Seconds = done.Sub(start).Seconds()
	say.step("backtest: read after %.1f s, streamed after %.1f s, evaluated after %.1f s",
		out.Read, streamed.Sub(start).Seconds(), out.Seconds)

	return stopProfile()
}

func (f *backtestFigures) print(out io.Writer) {
	fmt.Fprintf(out, "\nBacktest: %s rows/s without its evaluation; %.1f s, of which reading %.1f s and the evaluation %.1f s\n",
		count(f.Backtest), f.Seconds, f.Read, f.Evaluation)
}
