package churn

import "math"

// priorVisits and priorHorizons are the gamma distribution of a customer's
// visits per horizon before any are known: one visit a horizon, as little sure
// as a quarter of a horizon's watching would make it.
const (
	priorVisits   = 0.25
	priorHorizons = 0.25
)

// Value is what a customer brings in the next horizon if they go on as before,
// in units of its Currency, never below 0:
//
//	value per visit × visits expected per horizon
//	       S/V      ×     (a + n) / (b + E)
//
// S is what they have paid in that currency less what was given back, V the visits, n the visits after
// the first and E the time since it, in horizons, all as the latest engagement
// left them and faded with a half-life of two horizons. The second factor is
// the mean of the gamma rate with the prior a = b = 1/4 after n visits in E
// (Ehrenberg 1959; see rates.go). It is that of visits and not of events,
// because events come in bursts. It rests in silence, which speaks by the risk
// alone, and does not depend on parameters.
func (m *Model) Value(s *State) float64 {
	if !s.Known() || !(s.purses.value[0] > 0) {
		return 0
	}
	visits := float64(s.visits[overall])
	first := math.Exp2(-float64(s.last-s.First()) * m.perUnit / memory[overall])
	repeats := max(0, visits-first)
	exposure := memory[overall] / math.Ln2 * (1 - first)

	return float64(s.purses.value[0]) / visits * (priorVisits + repeats) / (priorHorizons + exposure)
}

// Currency is that of the customer's Value: the one of most of their orders.
func (s *State) Currency() Currency { return s.purses.currency[0] }

// ValueAtRisk is the Value that is expected to be lost: the Value times the
// steady score, which levels follow.
func (m *Model) ValueAtRisk(s *State, now int64) float64 {
	return m.Steady(s, now).Risk() * m.Value(s)
}
