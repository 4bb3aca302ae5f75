package churn

import "math"

// Statistics are sums over customers from which a Population is fitted. They
// are integers, so that adding them commutes: the same customers give the same
// sums in any order and partition. Quantities are in steps of a millionth.
type Statistics struct {
	Customers int64 `json:"customers"` // who ever engaged
	Active    int64 `json:"active"`    // of these, who engaged in the last horizon

	// Of those still active, for the distribution of rates: x repeats in an
	// exposure e = E + u horizons, see risk.go.
	Repeats     int64 `json:"repeats"`      // sum of x
	RepeatsSq   int64 `json:"repeats_sq"`   // of x²
	Exposure    int64 `json:"exposure"`     // of e
	ExposureSq  int64 `json:"exposure_sq"`  // of e²
	RepeatsTime int64 `json:"repeats_time"` // of x·e

	// Of all, for the probability of leaving: those who are not active have
	// left after one of their visits.
	Visits int64 `json:"visits"` // sum of x + 1
}

const fixedPoint = 1e6

func fixed(v float64) int64 { return int64(math.Round(v * fixedPoint)) }

// Add counts a customer as of now. One who never engaged is not counted. Of
// the model it takes the configuration alone, so the sums don't depend on the
// population in use.
func (t *Statistics) Add(m *Model, s *State, now int64) {
	if !s.Known() {
		return
	}
	h := m.history(s, now)
	t.Customers++
	t.Visits += fixed(h.repeats + 1)
	if h.silence >= 1 {
		return
	}
	t.Active++
	exposure := h.exposure + h.silence
	t.Repeats += fixed(h.repeats)
	t.RepeatsSq += fixed(h.repeats * h.repeats)
	t.Exposure += fixed(exposure)
	t.ExposureSq += fixed(exposure * exposure)
	t.RepeatsTime += fixed(h.repeats * exposure)
}

// Merge adds the sums of other customers.
func (t *Statistics) Merge(u Statistics) {
	t.Customers += u.Customers
	t.Active += u.Active
	t.Repeats += u.Repeats
	t.RepeatsSq += u.RepeatsSq
	t.Exposure += u.Exposure
	t.ExposureSq += u.ExposureSq
	t.RepeatsTime += u.RepeatsTime
	t.Visits += u.Visits
}
