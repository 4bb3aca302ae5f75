package backtest

import (
	"math"
	"math/rand/v2"

	"ebb/pipeline/simulate"
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

func simulatePeople(config DelayConfig) []simulated {
	random := rand.New(rand.NewPCG(config.Seed, 1))
	people := make([]simulated, config.Customers)
	for i := range people {
		gap := float64(medianGap) * math.Exp(config.GapSpread*random.NormFloat64())
		at := float64(simulationStart) + random.Float64()*float64(watchStart-simulationStart)
		lost := min(at+float64(meanLifetime)*random.ExpFloat64(), float64(simulationEnd))
		p := &people[i]
		p.lost = int64(lost)
		for at < lost {
			p.events = append(p.events, int64(at))
			at += gap * simulate.Gamma(random, config.Regularity)
		}
	}

	return people
}
