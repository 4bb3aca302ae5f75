package backtest

import (
	"math"
	"math/rand/v2"
)

// The simulated business. Customers come in the half-year before the measured
// one. A customer's mean gap is lognormal around a week; they leave after a
// time that is exponential.
const (
	simulationStart = int64(1_700_006_400_000) // 15 November 2023
	watchStart      = simulationStart + 180*dayMS
	watchEnd        = watchStart + 365*dayMS
	simulationEnd   = watchEnd + 180*dayMS // every loss is followed by half a year at least

	medianGap    = 7 * dayMS
	gapSpread    = 0.5 // of the logarithm of the mean gaps
	meanLifetime = 400 * dayMS
)

// simulated is one customer.
type simulated struct {
	events []int64
	lost   int64 // the moment from which no event comes any more
	next   int   // of events
}

// lostWatched says whether the customer leaves in the measured year.
func (p *simulated) lostWatched() bool { return watchStart < p.lost && p.lost <= watchEnd }

func simulate(config DelayConfig) []simulated {
	random := rand.New(rand.NewPCG(config.Seed, 1))
	people := make([]simulated, config.Customers)
	for i := range people {
		gap := float64(medianGap) * math.Exp(gapSpread*random.NormFloat64())
		at := float64(simulationStart) + random.Float64()*float64(watchStart-simulationStart)
		lost := min(at+float64(meanLifetime)*random.ExpFloat64(), float64(simulationEnd))
		p := &people[i]
		p.lost = int64(lost)
		for at < lost {
			p.events = append(p.events, int64(at))
			at += gap * gamma(random, config.Regularity) / config.Regularity
		}
	}

	return people
}

// gamma draws from a gamma distribution of shape k and rate 1 (Marsaglia and
// Tsang 2000, "A simple method for generating gamma variables", ACM TOMS 26).
func gamma(random *rand.Rand, k float64) float64 {
	if k < 1 {
		return gamma(random, k+1) * math.Pow(random.Float64(), 1/k)
	}
	d := k - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := random.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(random.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
