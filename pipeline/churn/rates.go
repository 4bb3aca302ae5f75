package churn

import (
	"fmt"
	"math"
)

// Rates say how the customers' rates of events differ: as a gamma
// distribution, in events per horizon.
type Rates struct {
	Shape float64 `json:"shape"` // a
	Rate  float64 `json:"rate"`  // b, so that the mean is Shape/Rate events a horizon
}

// priorRates are those before any statistics have come.
func priorRates() Rates { return Rates{Shape: 0.3, Rate: 0.05} }

// exposureLimit is the exposure of an endless history, in horizons: the
// integral of 2^(−8t).
const exposureLimit = 1.0 / 8 / math.Ln2

// pace is what the Rates use of a customer, as of the latest event.
type pace struct {
	repeats float64 // events after the first, faded like it
	first   float64 // what is left of the first
}

func (m *Model) pace(s *State) pace {
	first := math.Exp2(-float64(s.last-s.First()) * m.perUnit / memory[lately])

	return pace{repeats: max(0, float64(s.events)-first), first: first}
}

// after are the repeats and the exposure after a silence.
func (p *pace) after(silence float64) (repeats, exposure float64) {
	faded := math.Exp2(-silence / memory[lately])

	return p.repeats * faded, exposureLimit * (1 - faded*p.first)
}

// none are the log-odds of no event in the next horizon for a customer with n
// repeats in exposure E, both of which fade with a half-life of H/8:
//
//	P(none) = ((b + E) / (b + E + 1))^(a + n)
//
// It is the negative binomial with the posterior gamma rate (Ehrenberg 1959,
// "The pattern of consumer purchases", Applied Statistics 8). It needs no
// labels, and grows in silence because n and the memory of it fade.
func (r Rates) none(n, exposure float64) float64 {
	log := -(r.Shape + n) * math.Log1p(1/(r.Rate+exposure))
	log = min(max(log, logLeastRisk), logMostRisk)

	return log - math.Log(-math.Expm1(log))
}

// leastRisk and 1 less it bound the closed form: a hundredth of a Score.
const leastRisk = 1e-6

// The logarithms of both.
const (
	logLeastRisk = -13.815510557964274
	logMostRisk  = -1.0000005000003334e-06
)

// returned is the share of those who come back within a horizon who have done
// so after a part u of it, for a customer with n repeats in exposure E.
func (r Rates) returned(n, exposure, u float64) float64 {
	return returnedBy(r.Shape+n, r.Rate+exposure, u)
}

// Bounds of the rates, so that a strange hour can't make every customer look
// the same or gone. The highest shape is low on purpose: events come in
// bursts, which a Poisson process has not, so a customer's own rate deserves
// more trust than the spread between customers suggests.
const (
	minShape, maxShape = 0.02, 1
	minRate, maxRate   = 1e-4, 1e4
)

func (r Rates) validate() error {
	if !(r.Shape >= minShape && r.Shape <= maxShape) {
		return fmt.Errorf("churn: shape of the rates is %v; it has to be from %v to %v", r.Shape, minShape, maxShape)
	}
	if !(r.Rate >= minRate && r.Rate <= maxRate) {
		return fmt.Errorf("churn: rate of the rates is %v; it has to be from %v to %v", r.Rate, minRate, maxRate)
	}

	return nil
}

// fewestActive is how many active customers a fit needs.
const fewestActive = 30

// fitRates finds the rates by the method of moments. Let x be the repeats, each
// faded by its age, e the integral of the fading over the history, and f that
// of its square. Then E[x] = μe and E[(x − μe)²] = μf + νe² (Campbell's theorem
// for Poisson processes), where μ and ν are the mean and the variance of the
// rates; so Shape = μ²/ν and Rate = μ/ν (Ehrenberg 1959). Only customers who
// are still active are looked at, of whom the frequent are more than their
// share. It reports false where there is too little to say.
func fitRates(t *Statistics) (Rates, bool) {
	if t.Active < fewestActive || t.Exposure <= 0 || t.Repeats <= 0 || t.ExposureSq <= 0 {
		return Rates{}, false
	}
	x, xx := float64(t.Repeats)/fixedPoint, float64(t.RepeatsSq)/fixedPoint
	e, ee := float64(t.Exposure)/fixedPoint, float64(t.ExposureSq)/fixedPoint
	xe, f := float64(t.RepeatsTime)/fixedPoint, float64(t.Fading)/fixedPoint

	mean := x / e
	variance := (xx - 2*mean*xe + mean*mean*ee - mean*f) / ee
	shape := mean * mean / variance
	if !(variance > 0) {
		shape = maxShape // alike, as far as can be seen
	}
	shape = min(max(shape, minShape), maxShape)

	return Rates{Shape: shape, Rate: min(max(shape/mean, minRate), maxRate)}, true
}
