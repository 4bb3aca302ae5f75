package churn

import "math"

// habit is what the visits of the last horizons say of a customer: x repeats in
// an exposure E, both faded with a half-life of 2H, as of the latest visit.
type habit struct {
	stay     float64 // b + x
	shape    float64 // r + x
	exposure float64 // α + E
}

// The population of the habits. It is the same for every business: what
// differs between them is in the weights.
const (
	habitShape = 1.0  // r of the gamma distribution of visit rates
	habitRate  = 0.45 // its α, so that the mean is r/α visits a horizon
	habitLeave = 0.25 // a of the beta distribution of leaving after a visit
	habitStay  = 1.25 // its b
)

func habitOf(visits, tenure float64) habit {
	first := math.Exp2(-tenure / memory[overall]) // what is left of the first visit
	repeats := max(0, visits-first)
	exposure := memory[overall] / math.Ln2 * (1 - first)

	return habit{stay: habitStay + repeats, shape: habitShape + repeats, exposure: habitRate + exposure}
}

// lifeOf is the habit of a whole history, in which nothing fades: visits are
// the active slots.
func lifeOf(s *State, tenure float64) habit {
	repeats := float64(s.slots) - 1

	return habit{stay: habitStay + repeats, shape: habitShape + repeats, exposure: habitRate + tenure}
}

// none are the log-odds of no visit in the next horizon after a silence u.
//
// While customers stay, they visit at a rate that differs between them as a
// gamma(r, α) distribution; after every visit they leave for good with a
// probability that differs between them as a beta(a, b) distribution. Writing
// A = α + E, B = A + u and k = r + x:
//
//	P(stays)        = 1 / (1 + a/(b+x) · (B/A)^k)
//	P(none | stays) = (B / (B + 1))^k
//	P(none)         = 1 − P(stays) · (1 − P(none | stays))
//
// P(stays) is that of the MBG/NBD model (Batislam, Denizel and Filiztekin
// 2007, "Empirical validation and comparison of models for customer base
// analysis", International Journal of Research in Marketing 24). Between
// visits nothing fades, so all of it grows with u.
func (h *habit) none(u float64) float64 {
	gone := habitLeave / h.stay * math.Exp(min(h.shape*math.Log1p(u/h.exposure), mostGone))
	comes := -math.Expm1(-h.shape*math.Log1p(1/(h.exposure+u))) / (1 + gone)
	comes = min(max(comes, leastRisk), 1-leastRisk)

	return math.Log1p(-comes) - math.Log(comes)
}

// mostGone is a logarithm of odds that is as good as certain.
const mostGone = 40
