package churn

import (
	"fmt"
	"math"
)

// Population says how customers differ from each other; see risk.go for the
// formula. Times are in horizons. Its JSON is exact: what is read has the same
// bits as what was written.
type Population struct {
	Version uint64  `json:"version"` // higher replaces lower; 0 is the prior
	Shape   float64 `json:"shape"`   // r of the gamma distribution of visit rates
	Rate    float64 `json:"rate"`    // its rate α, so that the mean is Shape/Rate visits a horizon
	Leave   float64 `json:"leave"`   // a of the beta distribution of leaving after a visit
	Stay    float64 `json:"stay"`    // its b, so that the mean is Leave/(Leave+Stay)
}

// Prior is the population before any statistics have come: a little over two
// visits a horizon, and one customer in six leaves after a visit.
func Prior() Population {
	return Population{Shape: 1, Rate: 0.45, Leave: 0.25, Stay: 1.25}
}

// Bounds of the parameters; within them every formula stays finite.
const (
	minParameter = 1e-3
	maxParameter = 1e3
)

// Validate names the first parameter that can't be used.
func (p Population) Validate() error {
	for _, parameter := range [...]struct {
		name  string
		value float64
	}{{"shape", p.Shape}, {"rate", p.Rate}, {"leave", p.Leave}, {"stay", p.Stay}} {
		if !(parameter.value >= minParameter && parameter.value <= maxParameter) {
			return fmt.Errorf("churn: population %s is %v; it has to be from %v to %v", parameter.name, parameter.value, minParameter, maxParameter)
		}
	}

	return nil
}

func (p Population) sameParameters(q Population) bool {
	p.Version = q.Version

	return p == q
}

func clampParameter(v float64) float64 {
	return math.Min(math.Max(v, minParameter), maxParameter)
}

// FewestCustomers is how many active customers a fit needs.
const FewestCustomers = 50

// Fit finds the population by the method of moments. It reports false where
// there are too few customers or exposure to say anything; then keep the
// population in use. The caller numbers the Version.
//
// With x repeats in exposure e, a gamma-Poisson population has E[x] = μe and
// E[(x − μe)²] = μe + νe², where μ and ν are the mean and the variance of the
// rates; so Shape = μ²/ν and Rate = μ/ν (Ehrenberg 1959, "The pattern of
// consumer purchases", Applied Statistics 8). Leave and Stay keep their
// prior's sum, which is how much is known before the first visit; their mean is
// the number of customers who have been silent for a horizon or more, over all
// visits.
func Fit(t Statistics) (Population, bool) {
	p := Prior()
	if t.Active < FewestCustomers || t.Exposure <= 0 || t.Repeats <= 0 {
		return p, false
	}
	x, xx := float64(t.Repeats)/fixedPoint, float64(t.RepeatsSq)/fixedPoint
	e, ee := float64(t.Exposure)/fixedPoint, float64(t.ExposureSq)/fixedPoint
	xe := float64(t.RepeatsTime) / fixedPoint

	mean := x / e
	variance := (xx - 2*mean*xe + mean*mean*ee - mean*e) / ee
	shape := mean * mean / variance
	if !(variance > 0) {
		shape = maxShape // alike, as far as can be seen
	}
	shape = min(max(shape, minShape), maxShape)
	p.Shape = shape
	p.Rate = clampParameter(shape / mean)

	certainty := p.Leave + p.Stay
	leaving := min(max(float64(t.Customers-t.Active)*fixedPoint/float64(t.Visits), minLeaving), maxLeaving)
	p.Leave = certainty * leaving
	p.Stay = certainty - p.Leave

	return p, true
}

// Bounds of what a fit may say, so that a strange hour can't make every
// customer look the same or gone. The highest shape is low on purpose: visits
// come in bursts, which a Poisson process has not, so a customer's own gaps
// deserve more trust than the spread between customers suggests. On real logs
// it is better calibrated than a free shape, and ranks no worse.
const (
	minShape, maxShape     = 0.3, 1
	minLeaving, maxLeaving = 0.005, 0.8
)
