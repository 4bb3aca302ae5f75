package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"ebb/pipeline/backtest"
	"ebb/pipeline/churn"
)

const (
	simulatedCustomers = 12_000
	simulationSeed     = 7
)

// spreads are of the customers' mean gaps.
var spreads = []float64{0.5, 0.7}

// delays prints how soon simulated losses are noticed.
func delays(ctx context.Context) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "spread\tregularity\tlosses\tthreshold\tfalse alarms a year\tmedian days\tp90 days\tinformed rule\tsilent for X\tAUC\t")
	for _, spread := range spreads {
		for _, k := range []float64{0.5, 1, 3, 8} {
			d, err := backtest.MeasureDelays(ctx, backtest.DelayConfig{
				Churn: churn.Defaults(), Customers: simulatedCustomers, Regularity: k, GapSpread: spread, Seed: simulationSeed,
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(table, "%g\t%g\t%d\t%.3f\t%.2f\t%.1f\t%.1f\t%.1f\t%.1f\t%.3f\t\n",
				spread, k, d.Losses, d.Threshold, d.FalseAlarms, d.Median, d.Ninetieth, d.Informed, d.SilentRule, d.AUC)
		}
	}

	return table.Flush()
}
