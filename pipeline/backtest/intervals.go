package backtest

import (
	"context"
	"math"
)

// intervals draws the bootstrap intervals of the report.
func (s *stream) intervals(ctx context.Context, m *measured, config Config, progress func(Progress)) (Intervals, error) {
	measure := func(weights []uint32) []float64 {
		times, pooled := m.byTime(weights)
		mean := meanOf(times)
		values := []float64{
			float64(mean.AUC), float64(mean.PRAUC), float64(mean.TopDecile),
			float64(pooled.Brier), float64(pooled.ECE), float64(pooled.ObservedOver),
		}
		for scorer := recency; scorer < scorers; scorer++ {
			auc := m.aucOf(scorer, weights)
			values = append(values, auc, float64(mean.AUC)-auc)
		}

		return values
	}
	drawn, err := bootstrap(ctx, len(s.log.Customers), config.Resamples, config.Seed, measure, func(done int) {
		progress(Progress{StageMeasuring, uint64(done), uint64(config.Resamples)})
	})
	if err != nil {
		return Intervals{}, err
	}
	next := func() Interval {
		if len(drawn) == 0 {
			return Interval{Number(math.NaN()), Number(math.NaN())}
		}
		first := drawn[0]
		drawn = drawn[1:]

		return first
	}
	intervals := Intervals{
		Resamples: config.Resamples, Seed: config.Seed,
		AUC: next(), PRAUC: next(), TopDecile: next(), Brier: next(), ECE: next(), ObservedOver: next(),
		Baselines: make(map[string]Interval),
		Ahead:     make(map[string]Interval),
	}
	for scorer := recency; scorer < scorers; scorer++ {
		name := nameOf(scorer)
		intervals.Baselines[name] = next()
		intervals.Ahead[name] = next()
	}

	return intervals, nil
}
