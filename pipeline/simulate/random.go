package simulate

import (
	"math"
	"math/rand/v2"
)

// random adds a few distributions to a seeded source.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random {
	return random{rand.New(rand.NewPCG(seed, 0x6562626562626562))}
}

// moreRandom is a second source, for what surrounds the plain visits and mails: who
// comes when, and who is lost, does not depend on it.
func moreRandom(seed uint64) random {
	return random{rand.New(rand.NewPCG(seed, 0x6d6f72656d6f7265))}
}

func (r random) chance(p float64) bool { return r.Float64() < p }

// between is uniform in [low, high).
func (r random) between(low, high float64) float64 { return low + (high-low)*r.Float64() }

// gamma has the given shape and mean 1.
func (r random) gamma(shape float64) float64 { return Gamma(r.Rand, shape) }

// Gamma draws from a gamma distribution of a shape above 0 and mean 1:
// Marsaglia and Tsang 2000, "A simple method for generating gamma variables",
// ACM TOMS 26.
func Gamma(r *rand.Rand, shape float64) float64 {
	boost := 1.0
	k := shape
	if k < 1 {
		boost = math.Pow(r.Float64(), 1/k)
		k++
	}
	d := k - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-r.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return boost * d * v / shape
		}
	}
}

// pick draws an index by weight.
func (r random) pick(weights ...float64) int {
	var sum float64
	for _, weight := range weights {
		sum += weight
	}
	at := r.Float64() * sum
	for i, weight := range weights {
		if at -= weight; at < 0 {
			return i
		}
	}

	return len(weights) - 1
}
