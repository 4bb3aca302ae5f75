package backtest

import "context"

// ThresholdSignals say what the signals would be worth at another threshold.
// Where risks are calibrated, its precision is near the threshold: the one is
// how the other is chosen.
type ThresholdSignals struct {
	AtRiskAt float64 `json:"at_risk_at"`
	Signals
}

// MaxThresholds bounds Config.Thresholds: each is a run of its own.
const MaxThresholds = 20

// thresholds streams the log anew for each of them.
func (s *stream) thresholds(ctx context.Context, config Config, progress func(Progress)) ([]ThresholdSignals, error) {
	var list []ThresholdSignals
	for i, at := range config.Thresholds {
		c := config.Churn
		c.AtRiskAt = at
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
		list = append(list, ThresholdSignals{AtRiskAt: at, Signals: judge.signals()})
	}

	return list, nil
}
