package demo

import (
	"context"
	"fmt"
	"time"

	"ebb/cmd/ebb/setting"
	"ebb/pipeline/backtest"
	"ebb/pipeline/replay"
)

// simulatedHorizon suits simulated customers, who come about every week.
const simulatedHorizon = 21 * setting.Duration(setting.Day)

// readHorizon reads --horizon.
func (c *Command) readHorizon() error {
	c.horizon = simulatedHorizon
	if c.Horizon == setting.AutoHorizon {
		return nil
	}
	if err := c.horizon.UnmarshalText([]byte(c.Horizon)); err != nil {
		return fmt.Errorf("--horizon: %w; or auto", err)
	}

	return nil
}

// setHorizon sets the horizon, and what follows it.
func (d *Demo) setHorizon(horizon time.Duration) {
	d.Config.Churn.Horizon = horizon.Milliseconds()
	d.Config.Churn.Dwell = setting.DwellFor(horizon).Milliseconds()
	d.Config.CoordinateInterval = setting.CoordinateFor(horizon)
	d.command.Rules.Add(&d.Config.Churn, d.Config.Churn.LeastRisk)
	d.command.Alerts.Add(&d.Config, time.Duration(setting.DefaultMaxAge))
	d.command.Calendar.Add(&d.Config)
	d.command.Margin.Add(&d.Config)
	d.Layout.Statistics.LeastAge = setting.StatisticsAgeFor(horizon)
}

// suggestHorizon takes the horizon from the rhythm of the events.
func (d *Demo) suggestHorizon(ctx context.Context, source replay.Source, mapping *replay.Mapping, latest int64) error {
	log, err := backtest.Read(ctx, source, mapping, backtest.ReadOptions{
		Vocabulary: d.Config.Vocabulary, Lateness: d.Config.Lateness, Skew: d.Config.Skew, Latest: latest,
		ScannerWithin: time.Duration(d.Config.Churn.ScannerWithin) * time.Millisecond,
	}, nil)
	if err != nil {
		return err
	}
	suggestion := backtest.Suggest(log)
	d.setHorizon(suggestion.Horizon)
	fmt.Fprintf(d.To.Err, "Nine of ten pauses between visits last at most %.3g days: the horizon is %v (--horizon sets another).\n",
		suggestion.Pause.Hours()/24, setting.Duration(suggestion.Horizon))

	return nil
}
