package backtest

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The interval of a mean has the width that theory says: 1.96 standard errors
// to each side.
func TestBootstrapOfAMean(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	values := make([]float64, 400)
	var mean, square float64
	for i := range values {
		values[i] = random.NormFloat64()
		mean += values[i] / 400
		square += values[i] * values[i] / 400
	}
	intervals, err := bootstrap(t.Context(), len(values), 2000, 1, func(weights []uint32) []float64 {
		var sum float64
		for i, weight := range weights {
			sum += float64(weight) * values[i]
		}

		return []float64{sum / 400, math.NaN()}
	}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	side := 1.96 * math.Sqrt((square-mean*mean)/400)
	for i, want := range []float64{mean - side, mean + side} {
		if math.Abs(float64(intervals[0][i])-want) > side/10 {
			t.Errorf("interval %v, want %v to %v", intervals[0], mean-side, mean+side)
		}
	}
	if !math.IsNaN(float64(intervals[1][0])) {
		t.Errorf("interval of what can't be said: %v", intervals[1])
	}
}

func TestQuantile(t *testing.T) {
	sorted := []float64{1, 2, 4}
	for q, want := range map[float64]float64{0: 1, 0.25: 1.5, 0.5: 2, 0.75: 3, 1: 4} {
		if got := quantile(sorted, q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	// Of what was never reached, those before it are known all the same.
	if got := quantile([]float64{1, 2, math.Inf(1)}, 0.5); got != 2 {
		t.Errorf("the middle of 1, 2 and infinity is %v", got)
	}
}
