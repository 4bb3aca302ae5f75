package churn

import (
	"fmt"
	"math"
)

// Prior is what is believed of churn before this business has shown anything:
// for each term its scale, and its weight in the log-odds of the risk with how
// much weights differ between businesses.
type Prior struct {
	Terms [features]PriorTerm `json:"terms"`
	Bias  PriorTerm           `json:"bias"` // of which Mean and Deviation have no meaning
}

// PriorTerm is one row of the table. A term enters as (x − Mean) / Deviation.
type PriorTerm struct {
	Name      string  `json:"name"`
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"`
	Weight    float64 `json:"weight"`
	Spread    float64 `json:"spread"` // standard deviation of the weight between businesses
}

// ShippedPrior is the prior that is used where a Config names none.
func ShippedPrior() *Prior {
	return &Prior{Terms: [features]PriorTerm(shippedTerms[:features]), Bias: shippedTerms[termBias]}
}

// Bounds of a prior's spreads: a narrower one could never learn, and a wider
// one says nothing.
const (
	minSpread = 1e-3
	maxSpread = 1e3
)

// Validate names the first value that can't be used.
func (p *Prior) Validate() error {
	for _, t := range append(p.Terms[:], p.Bias) {
		if !(math.Abs(t.Weight) <= maxWeight) {
			return fmt.Errorf("churn: prior of %q has weight %v; it has to be from -%v to %v", t.Name, t.Weight, maxWeight, maxWeight)
		}
		if !(t.Spread >= minSpread && t.Spread <= maxSpread) {
			return fmt.Errorf("churn: prior of %q has spread %v; it has to be from %v to %v", t.Name, t.Spread, minSpread, maxSpread)
		}
	}
	for i := range p.Terms {
		t := &p.Terms[i]
		if !(t.Deviation >= minSpread && t.Deviation <= maxSpread) || !(math.Abs(t.Mean) <= maxSpread) {
			return fmt.Errorf("churn: prior of %q has mean %v and deviation %v; the deviation has to be from %v to %v, the mean up to that", t.Name, t.Mean, t.Deviation, minSpread, maxSpread)
		}
		if grows[i] && t.Weight < 0 {
			return fmt.Errorf("churn: prior of %q has weight %v; terms that grow in silence have none below 0", t.Name, t.Weight)
		}
	}

	return nil
}

// weights are the prior weights, the intercept last.
func (p *Prior) weights() (w [terms]float64) {
	for i := range p.Terms {
		w[i] = p.Terms[i].Weight
	}
	w[termBias] = p.Bias.Weight

	return w
}

// precision of each weight.
func (p *Prior) precision() (v [terms]float64) {
	for i := range p.Terms {
		v[i] = 1 / (p.Terms[i].Spread * p.Terms[i].Spread)
	}
	v[termBias] = 1 / (p.Bias.Spread * p.Bias.Spread)

	return v
}
