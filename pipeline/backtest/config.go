package backtest

import (
	"fmt"

	"ebb/pipeline/churn"
)

// Config is what a backtest depends on beside its log.
type Config struct {
	Churn churn.Config // that of the shards; its horizon is the labels' too

	// At are the evaluation times, Unix ms, ascending; none means Schedule.
	At []int64

	// Thresholds are further values of Churn.AtRiskAt to judge signals at, for
	// Report.Thresholds; at most MaxThresholds, each of which takes about as
	// long as the log alone.
	Thresholds []float64

	Resamples int    // of the bootstrap; 0 for no intervals
	Seed      uint64 // of the bootstrap and of the choice of portraits
}

// Bounds of Config.
const (
	DefaultResamples = 200
	MaxResamples     = 10_000
	MaxTimes         = 1000
)

// Validate names the first field that can't work, its value and the remedy.
func (c Config) Validate() error {
	if c.Resamples < 0 || c.Resamples > MaxResamples {
		return fmt.Errorf("resamples is %d; set it from 0 to %d", c.Resamples, MaxResamples)
	}
	if len(c.At) > MaxTimes {
		return fmt.Errorf("%d evaluation times; name at most %d", len(c.At), MaxTimes)
	}
	if len(c.Thresholds) > MaxThresholds {
		return fmt.Errorf("%d thresholds; name at most %d", len(c.Thresholds), MaxThresholds)
	}
	for _, at := range c.Thresholds {
		if err := raisedAt(c.Churn, at).Validate(); err != nil {
			return fmt.Errorf("thresholds: %w", err)
		}
	}

	return c.Churn.Validate()
}
