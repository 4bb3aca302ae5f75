package backtest

import (
	"context"
	"math"
)

// intervals draws the bootstrap intervals of the report.
func (s *stream) intervals(ctx context.Context, m *measured, config Config, progress func(Progress)) (all Intervals, later Interval, err error) {
	measure := func(weights []uint32) []float64 {
		times, pooled := m.byTime(weights)
		mean := meanOf(times)
		values := []float64{
			float64(mean.AUC), float64(mean.PRAUC), float64(mean.TopDecile),
			float64(pooled.Brier), float64(pooled.ECE), float64(pooled.ObservedOver),
			float64(meanOf(laterOf(times)).AUC),
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
		return Intervals{}, Interval{}, err
	}
	next := func() Interval {
		if len(drawn) == 0 {
			return Interval{Number(math.NaN()), Number(math.NaN())}
		}
		first := drawn[0]
		drawn = drawn[1:]

		return first
	}
	all = Intervals{
		Resamples: config.Resamples, Seed: config.Seed,
		AUC: next(), PRAUC: next(), TopDecile: next(), Brier: next(), ECE: next(), ObservedOver: next(),
		Baselines: make(map[string]Interval),
		Ahead:     make(map[string]Interval),
	}
	later = next()
	for scorer := recency; scorer < scorers; scorer++ {
		name := nameOf(scorer)
		all.Baselines[name] = next()
		all.Ahead[name] = next()
	}

	return all, later, nil
}
