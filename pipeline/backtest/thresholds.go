package backtest

import (
	"context"

	"ebb/pipeline/churn"
)

// ThresholdSignals say what the signals would be worth at another threshold.
// Where risks are calibrated, its precision is near the threshold: the one is
// how the other is chosen.
type ThresholdSignals struct {
	AtRiskAt float64 `json:"at_risk_at"`
	Signals
}

// Bounds of Config.Thresholds: each is a run of its own, and risks have steps of
// 0.0001, of which the lowest is that of cooling.
const (
	MaxThresholds = 20
	MinThreshold  = 0.0002
	MaxThreshold  = 0.9999
)

// raisedAt are the settings with another threshold. One that is no higher than
// that of cooling takes that one down, as far below it as it was; and margins
// stay below what they belong to.
func raisedAt(c churn.Config, at float64) churn.Config {
	if at <= c.CoolingAt {
		lower := at / 2
		if c.AtRiskAt > 0 {
			lower = at * c.CoolingAt / c.AtRiskAt
		}
		c.CoolingAt = max(min(lower, at-MinThreshold/2), MinThreshold/2)
	}
	c.AtRiskAt = at
	c.AtRiskMargin = min(c.AtRiskMargin, at/2)
	if c.CoolingAt > 0 { // else it follows the stream, below at_risk
		c.CoolingMargin = min(c.CoolingMargin, c.CoolingAt/2)
	}

	return c
}

// thresholds streams the log anew for each of them.
func (s *stream) thresholds(ctx context.Context, config Config, progress func(Progress)) ([]ThresholdSignals, error) {
	var list []ThresholdSignals
	for i, at := range config.Thresholds {
		c := raisedAt(config.Churn, at)
		e, err := newEngine(c, len(s.log.Customers), s.log.First)
		if err != nil {
			return nil, err
		}
		all := uint64(len(s.log.Events))
		err = e.stream(ctx, s.log, func(done uint64) {
			progress(Progress{StageThresholds, uint64(i)*all + done, uint64(len(config.Thresholds)) * all})
		})
		if err != nil {
			return nil, err
		}
		judge := newJudge(s.truth, e.changes, len(s.log.Customers), s.at[0], s.log.Last, c.Horizon)
		signals := judge.signals()
		signals.Threshold = at
		list = append(list, ThresholdSignals{AtRiskAt: at, Signals: signals})
	}

	return list, nil
}
