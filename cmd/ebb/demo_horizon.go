package main

import (
	"context"
	"fmt"
	"time"

	"ebb/pipeline/backtest"
	"ebb/pipeline/replay"
)

// autoHorizon is the horizon that is taken from the data.
const autoHorizon = "auto"

// simulatedHorizon suits simulated customers, who come about every week.
const simulatedHorizon = 21 * Duration(day)

// readHorizon reads --horizon.
func (c *demoCommand) readHorizon() error {
	c.horizon = simulatedHorizon
	if c.Horizon == autoHorizon {
		return nil
	}
	if err := c.horizon.UnmarshalText([]byte(c.Horizon)); err != nil {
		return fmt.Errorf("--horizon: %w; or auto", err)
	}

	return nil
}

// setHorizon sets the horizon, and what follows it.
func (d *demo) setHorizon(horizon time.Duration) {
	d.config.Churn.Horizon = horizon.Milliseconds()
	d.config.Churn.Dwell = dwellFor(horizon).Milliseconds()
	d.config.CoordinateInterval = coordinateFor(horizon)
	d.command.Rules.add(&d.config.Churn, d.config.Churn.LeastRisk)
	d.command.Alerts.add(&d.config, time.Duration(defaultMaxAge))
	d.layout.Statistics.LeastAge = statisticsAgeFor(horizon)
}

// suggestHorizon takes the horizon from the rhythm of the events.
func (d *demo) suggestHorizon(ctx context.Context, source replay.Source, mapping *replay.Mapping, latest int64) error {
	log, err := backtest.Read(ctx, source, mapping, backtest.ReadOptions{
		Vocabulary: d.config.Vocabulary, Lateness: d.config.Lateness, Skew: d.config.Skew, Latest: latest,
		ScannerWithin: time.Duration(d.config.Churn.ScannerWithin) * time.Millisecond,
	}, nil)
	if err != nil {
		return err
	}
	suggestion := backtest.Suggest(log)
	d.setHorizon(suggestion.Horizon)
	fmt.Fprintf(d.to.err, "Nine of ten pauses between visits last at most %.3g days: the horizon is %v (--horizon sets another).\n",
		suggestion.Pause.Hours()/24, Duration(suggestion.Horizon))

	return nil
}
