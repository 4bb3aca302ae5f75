package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"

	"ebb/pipeline/backtest"
	"ebb/pipeline/churn"
)

// thresholds are those of which the signals are judged.
var thresholds = []float64{0.65, 0.75, 0.85, 0.9}

// judge backtests every log with the prior of the others, and prints a table.
func judge(ctx context.Context, businesses []*business, wide *churn.Prior, resamples int, out string) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "log\thorizon\trows\tlost\tAUC\tPR-AUC\tBrier\tECE\tobs/exp\tlater AUC\tBG/NBD later\tcold AUC / closed\tcold Brier / closed\tchanges\tcleared 24h\t")
	signals := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprint(signals, "signals\tpromised\tprecision\tin time\tdays after\tby silence alone\tprecision (of so many raised) at churn.at_risk_at\t")
	for _, at := range thresholds {
		fmt.Fprintf(signals, "%g\t", at)
	}
	fmt.Fprintln(signals)
	reports := make(map[string]*backtest.Report)
	var mean struct{ auc, pr, brier, ece, later float64 }
	for _, b := range businesses {
		fmt.Fprintf(os.Stderr, "ebbprior: %s without itself in the prior\n", b.name)
		prior, err := churn.FitPrior(wide, rowsWithout(businesses, b))
		if err != nil {
			return err
		}
		r, err := backtest.Run(ctx, b.log, backtest.Config{
			Churn: b.config(prior), Resamples: resamples, Seed: 1, Thresholds: thresholds,
		}, nil)
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		reports[b.name] = r
		i := r.Intervals
		fmt.Fprintf(table, "%s\t%gd\t%d\t%.3f\t%.3f %s\t%.3f\t%.3f %s\t%.3f %s\t%.2f\t%.3f %s\t%.3f\t%.3f / %.3f\t%.3f / %.3f\t%.2f\t%.3f\t\n",
			b.name, b.horizon.Hours()/24, r.Rows, r.BaseRate,
			r.AUC, between(i.AUC), r.PRAUC, r.Brier, between(i.Brier), r.ECE, between(i.ECE), r.ObservedOver,
			r.LaterHalf.AUC, between(r.LaterHalf.Interval), r.LaterHalf.Baselines["bgnbd_p0"],
			r.Cold.Detector.AUC, r.Cold.ClosedForm.AUC, r.Cold.Detector.Brier, r.Cold.ClosedForm.Brier,
			r.Signals.LevelChanges, r.Signals.ClearedSoon)
		s, rule := &r.Signals, &r.RuleSilentFor
		fmt.Fprintf(signals, "%s (%d)\t%s\t%s\t%s\t%s\t%s, %s days\t\t", b.name, s.Raised, s.Promised.Text(), s.Precision.Text(),
			s.RecallInTime.Text(), s.DaysAfter.Days(), rule.Precision.Text(), rule.Days.Days())
		for i := range r.Thresholds {
			s := &r.Thresholds[i]
			fmt.Fprintf(signals, "%s (%d)\t", s.Precision.Text(), s.Raised)
		}
		fmt.Fprintln(signals)
		n := float64(len(businesses))
		mean.auc += float64(r.AUC) / n
		mean.pr += float64(r.PRAUC) / n
		mean.brier += float64(r.Brier) / n
		mean.ece += float64(r.ECE) / n
		mean.later += float64(r.LaterHalf.AUC) / n
	}
	fmt.Fprintf(table, "mean\t\t\t\t%.4f\t%.4f\t%.4f\t%.4f\t\t%.4f\t\t\t\t\t\t\n", mean.auc, mean.pr, mean.brier, mean.ece, mean.later)
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Println()
	if err := signals.Flush(); err != nil {
		return err
	}
	if out == "" {
		return nil
	}
	body, err := json.MarshalIndent(reports, "", "  ")
	if err != nil {
		return err
	}

	if err := os.MkdirAll(filepath.Dir(out), 0o750); err != nil {
		return err
	}

	return os.WriteFile(out, body, 0o600)
}

func between(i backtest.Interval) string { return fmt.Sprintf("[%.3f %.3f]", i[0], i[1]) }
