package simulate

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestGamma(t *testing.T) {
	const draws = 40_000
	for _, k := range []float64{0.5, 1, 3, 8} {
		random := rand.New(rand.NewPCG(1, 2))
		var sum, squares float64
		for range draws {
			x := Gamma(random, k)
			sum += x
			squares += x * x
		}
		mean := sum / draws
		if variance := squares/draws - mean*mean; math.Abs(mean-1) > 0.03 || math.Abs(variance*k-1) > 0.06 {
			t.Errorf("k = %v: mean %v, variance %v, want 1 and %v", k, mean, variance, 1/k)
		}
	}
}
