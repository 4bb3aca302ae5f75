package churn

import "math"

// comeback is how soon a customer comes back who does, as of a moment in
// silence. It says how much further silence tells of the outcome (delayed
// feedback: Chapelle 2014, "Modeling delayed feedback in display advertising",
// KDD).
type comeback struct {
	repeats, exposure float32 // events, faded with a half-life of H/8; see Rates.none
	visits, over      float32 // gamma shape and rate of the visits of the last horizons; see habit
}

func (l *silent) comeback(now int64) comeback {
	silence := max(0, float64(now-l.state.last)*l.model.perUnit)
	repeats, exposure := l.pace.after(silence)

	return comeback{
		repeats: float32(repeats), exposure: float32(exposure),
		visits: float32(l.habit.shape), over: float32(l.habit.exposure + silence),
	}
}

// share is that of those who come back within a horizon who have done so after
// a part u of it: halfway between what the events say and what the visits say.
// By events alone, a night after a busy day would look like leaving.
func (c *comeback) share(rates Rates, u float64) float64 {
	events := rates.returned(float64(c.repeats), float64(c.exposure), u)
	visits := returnedBy(float64(c.visits), float64(c.over), u)

	return (events + visits) / 2
}

// valid says whether it can be that of a customer.
func (c *comeback) valid() bool {
	for _, f := range [...]float32{c.repeats, c.exposure, c.visits, c.over} {
		if !(f >= 0 && f <= math.MaxFloat32) {
			return false
		}
	}

	return true
}

// returnedBy is the share of those with an event within 1 who have it within u,
// up to 1, at a rate that is gamma(a, b) distributed:
//
//	(1 − (b/(b+u))^a) / (1 − (b/(b+1))^a)
func returnedBy(a, b, u float64) float64 {
	within := func(t float64) float64 { return -math.Expm1(-a * math.Log1p(t/b)) }
	whole := within(1)
	if !(whole > 0) {
		return min(u, 1)
	}

	return min(within(u)/whole, 1)
}
