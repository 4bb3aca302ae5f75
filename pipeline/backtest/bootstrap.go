package backtest

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// Interval is a 95 % interval, [low, high].
type Interval [2]Number

// bootstrap draws customers with replacement, a customer with all their rows,
// because the rows of one customer are alike (Efron and Tibshirani 1993, "An
// introduction to the bootstrap", chapters 8 and 13; percentile intervals).
// measure is called for each resample with how often each customer was drawn
// and returns as many values as it likes, always in the same order. The
// intervals are in that order. BG/NBD fits and the detector's own populations
// are taken as they are.
func bootstrap(ctx context.Context, customers, resamples int, seed uint64, measure func(weights []uint32) []float64, progress func(done int)) ([]Interval, error) {
	random := rand.New(rand.NewPCG(seed, 0))
	weights := make([]uint32, customers)
	var drawn [][]float64 // by value, then resample
	for resample := range resamples {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		clear(weights)
		for range customers {
			weights[random.IntN(customers)]++
		}
		for i, value := range measure(weights) {
			if i == len(drawn) {
				drawn = append(drawn, nil)
			}
			if !math.IsNaN(value) && !math.IsInf(value, 0) {
				drawn[i] = append(drawn[i], value)
			}
		}
		progress(resample + 1)
	}
	intervals := make([]Interval, len(drawn))
	for i, values := range drawn {
		slices.Sort(values)
		intervals[i] = Interval{Number(quantile(values, 0.025)), Number(quantile(values, 0.975))}
	}

	return intervals, nil
}

// quantile of sorted values, linear between them; NaN where there are none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	low := int(at)
	share := at - float64(low)
	if share == 0 {
		return sorted[low] // the next one may be infinite
	}

	return sorted[low] + share*(sorted[low+1]-sorted[low])
}
