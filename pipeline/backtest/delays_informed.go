package backtest

import (
	"math"
	"slices"
	"sort"
)

// informed is the rule that no detector can have: it knows how the simulation
// draws its customers, how regular they are and how often one leaves, remembers
// every event, and alarms at a posterior probability of having left. What a
// detector is slower than it, is the price of having to learn.
//
// With gaps that are gamma(k) of mean g, n of them that sum to t are as likely
// as g^(−nk)·exp(−kt/g). A customer whose history gives the mean gaps g the
// weights w, who leaves at the rate h, and who is silent for s, is still there
// with the weight Σ w·S(s)·exp(−hs) and has left with Σ w·∫₀ˢ h·exp(−hu)·S(u) du,
// where S is the probability of a longer gap.
type informed struct {
	people  []simulated
	shape   float64
	gaps    [gapKinds]float64 // ms
	drawn   [gapKinds]float64 // the logarithm of how probable
	present [gapKinds][]float64
	left    [gapKinds][]float64 // both by the silence, in steps
}

const (
	gapKinds     = 25 // over three deviations to either side
	gapReach     = 3.0
	informedStep = dayMS / 4
	longestSteps = int(longestRule * dayMS / informedStep)
)

func newInformed(config DelayConfig, people []simulated) *informed {
	r := &informed{people: people, shape: config.Regularity}
	hazard := float64(informedStep) / float64(meanLifetime)
	for g := range gapKinds {
		z := gapReach * (2*float64(g)/(gapKinds-1) - 1)
		r.gaps[g], r.drawn[g] = float64(medianGap)*math.Exp(config.GapSpread*z), -z*z/2
		r.present[g], r.left[g] = make([]float64, longestSteps), make([]float64, longestSteps)
		r.present[g][0] = 1
		for i := 1; i < longestSteps; i++ {
			longer := gammaTail(r.shape, r.shape*float64(i)*float64(informedStep)/r.gaps[g])
			r.present[g][i] = longer * math.Exp(-hazard*float64(i))
			r.left[g][i] = r.left[g][i-1] + hazard*(r.present[g][i-1]+r.present[g][i])/2
		}
	}

	return r
}

// gammaTail is the probability that a gamma(k) variable of scale 1 is above x:
// 1 less the series of the lower incomplete gamma function (DLMF 8.7.1). What
// is below the precision of the difference is 0.
func gammaTail(k, x float64) float64 {
	if x <= 0 {
		return 1
	}
	if x > 2*k+100 {
		return 0
	}
	log, _ := math.Lgamma(k + 1)
	term := math.Exp(k*math.Log(x) - x - log)
	below := term
	for n := 1.0; n < x || term > 1e-17; n++ {
		term *= x / (k + n)
		below += term
	}

	return max(0, 1-below)
}

// believed are the weights of the mean gaps after gaps events that follow the
// first, over a time.
func (r *informed) believed(events int, over int64) (weights [gapKinds]float64) {
	for g, gap := range r.gaps {
		weights[g] = r.drawn[g] - r.shape*(float64(events)*math.Log(gap)+float64(over)/gap)
	}
	top, sum := slices.Max(weights[:]), 0.0
	for g := range weights {
		weights[g] = math.Exp(weights[g] - top)
		sum += weights[g]
	}
	for g := range weights {
		weights[g] /= sum
	}

	return weights
}

// odds of having left after a silence; they can be infinite.
func (r *informed) odds(weights *[gapKinds]float64, silence int64) float64 {
	at := min(int(silence/informedStep), longestSteps-2)
	part := min(float64(silence-int64(at)*informedStep)/float64(informedStep), 1)
	var present, left float64
	for g, w := range weights {
		present += w * (r.present[g][at] + part*(r.present[g][at+1]-r.present[g][at]))
		left += w * (r.left[g][at] + part*(r.left[g][at+1]-r.left[g][at]))
	}

	return left / present
}

// delays in days of the read half, at the odds from which on the tuned half
// has few enough false alarms.
func (r *informed) delays(present [halves]float64) (days []float64) {
	ended := make([]float64, 0, len(r.people))
	r.silences(tuned, func(p *simulated, event int) {
		if next := event + 1; next < len(p.events) && watchStart < p.events[next] && p.events[next] <= watchEnd {
			weights := r.believed(event, p.events[event]-p.events[0])
			ended = append(ended, r.odds(&weights, p.events[next]-p.events[event]))
		}
	})
	slices.Sort(ended)
	threshold := -1.0 // as many may be false as end at all
	if above := len(ended) - 1 - int(alarmsAllowed*present[tuned]); above >= 0 {
		threshold = ended[above]
	}
	r.silences(read, func(p *simulated, event int) {
		if event+1 < len(p.events) || !p.lostWatched() {
			return
		}
		weights := r.believed(event, p.events[event]-p.events[0])
		steps := sort.Search(longestSteps, func(i int) bool {
			return r.odds(&weights, int64(i)*informedStep) > threshold
		})
		if steps == longestSteps {
			days = append(days, math.Inf(1))

			return
		}
		silence := int64(steps) * informedStep
		days = append(days, max(0, float64(silence-(p.lost-p.events[event]))/float64(dayMS)))
	})

	return days
}

// silences calls with every event that a silence follows.
func (r *informed) silences(half int, each func(p *simulated, event int)) {
	for who := range r.people {
		if halfOf(who) != half {
			continue
		}
		p := &r.people[who]
		for event := range p.events {
			each(p, event)
		}
	}
}
