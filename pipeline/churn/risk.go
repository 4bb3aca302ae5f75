package churn

import "math"

// history is what the formula uses of a customer at one time. Times are in
// units of the horizon.
type history struct {
	repeats  float64 // x: decayed active slots after the first
	exposure float64 // E: decayed time from the first to the latest qualifying event
	silence  float64 // u: time since the latest qualifying event
}

// exposureLimit is the exposure of an endless history: the integral of
// 2^(−t/2).
const exposureLimit = halfLife / math.Ln2

func (m *Model) history(s *State, now int64) history {
	return history{
		repeats:  max(0, s.visits-m.decayOver(m.slotOf(s.last)-m.slotOf(s.first))),
		exposure: exposureLimit * -math.Expm1(-float64(s.last-s.first)*m.perUnit/exposureLimit),
		silence:  m.silence(s, now),
	}
}

func (m *Model) silence(s *State, now int64) float64 {
	return max(0, float64(now-s.last)*m.perUnit)
}

// risk is the probability of no qualifying event in the next horizon.
//
// While customers stay, they are active at a rate that differs between them
// as a gamma(Shape r, Rate α) distribution; after every active slot they leave
// for good with a probability that differs between them as a beta(Leave a,
// Stay b) distribution. With x repeats in exposure E and silence u since,
// writing A = α + E, B = A + u and k = r + x:
//
//	P(stays)       = 1 / (1 + a/(b+x) · (B/A)^k)
//	P(none | stays) = (B / (B + 1))^k
//	risk           = 1 − P(stays) · (1 − P(none | stays))
//
// P(stays) is that of the MBG/NBD model (Batislam, Denizel and Filiztekin
// 2007, "Empirical validation and comparison of models for customer base
// analysis", International Journal of Research in Marketing 24; Hoppe and
// Wagner 2007), itself the BG/NBD model (Fader, Hardie and Lee 2005, "Counting
// your customers the easy way", Marketing Science 24) with customers who may
// also leave after their first visit. P(none | stays) is the negative binomial
// with the posterior gamma(k, B) rate (Ehrenberg 1959). Between visits nothing
// is forgotten, so all of it grows with u, from the moment of the last visit
// towards 1.
func (p Population) risk(h history) float64 {
	known := p.Rate + h.exposure
	k := p.Shape + h.repeats
	none := math.Exp(-k * math.Log1p(1/(known+h.silence)))

	return 1 - (1-none)/(1+p.goneOdds(h)) // 1 where an endless silence overflows the odds
}

// goneOdds are the odds of having left for good.
func (p Population) goneOdds(h history) float64 {
	k := p.Shape + h.repeats

	return p.Leave / (p.Stay + h.repeats) * math.Exp(k*math.Log1p(h.silence/(p.Rate+h.exposure)))
}

// Score is the probability of no qualifying event in [now, now + H), 0 for a
// customer who never engaged. A now before the latest event counts as its
// time.
func (m *Model) Score(s *State, now int64) Score {
	if !s.Known() {
		return 0
	}

	return quantize(m.population.risk(m.history(s, now)))
}
