package churn

import "math"

// Statistics are sums over customers from which the Rates and the Week are
// fitted. They are integers, so that adding them commutes: the same customers
// give the same sums in any order and partition. Quantities are in steps of a
// millionth.
type Statistics struct {
	Customers int64 `json:"customers"` // who ever engaged
	Active    int64 `json:"active"`    // of these, who engaged in the last horizon and have not left

	// Of those still active: x repeats in an exposure e, with f, see fitRates.
	Repeats     int64 `json:"repeats"`      // sum of x
	RepeatsSq   int64 `json:"repeats_sq"`   // of x²
	Exposure    int64 `json:"exposure"`     // of e
	ExposureSq  int64 `json:"exposure_sq"`  // of e²
	RepeatsTime int64 `json:"repeats_time"` // of x·e
	Fading      int64 `json:"fading"`       // of f

	// Qualifying events by hour of the week, where the horizon is below a week.
	Week []int64 `json:"week,omitempty"`

	// Those to be expected, where thresholds follow them.
	Losses Losses `json:"losses,omitzero"`
}

const fixedPoint = 1e6

func fixed(v float64) int64 { return int64(math.Round(v * fixedPoint)) }

// Add counts a customer as of now. One who never engaged is not counted. But
// for the Losses, it takes of the model the configuration alone, so the sums
// don't depend on the parameters in use.
func (t *Statistics) Add(m *Model, s *State, now int64) {
	if !s.Known() {
		return
	}
	t.Customers++
	silence := max(0, float64(now-s.last)*m.perUnit)
	if silence > 1 || s.Left() {
		return
	}
	t.Active++
	if m.config.follows() {
		t.Losses.add(m, s, silence)
	}
	if m.config.Unusual > 0 {
		t.Losses.addUsual(m, s, now)
	}
	repeats, exposure := m.faded(s, silence)
	t.Repeats += fixed(repeats)
	t.RepeatsSq += fixed(repeats * repeats)
	t.Exposure += fixed(exposure)
	t.ExposureSq += fixed(exposure * exposure)
	t.RepeatsTime += fixed(repeats * exposure)
	first := 1 - exposure/exposureLimit // what is left of the first event
	t.Fading += fixed(exposureLimit / 2 * (1 - first*first))
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
	t.Fading += u.Fading
	t.Losses.merge(&u.Losses)
	if len(u.Week) != hoursPerWeek {
		return
	}
	if t.Week == nil {
		t.Week = make([]int64, hoursPerWeek)
	}
	for i, n := range u.Week {
		t.Week[i] += n
	}
}

// faded are the customer's repeats and exposure after a silence.
func (m *Model) faded(s *State, silence float64) (repeats, exposure float64) {
	p := m.pace(s)

	return p.after(silence)
}

// fitWeek is the activity by hour, every hour with one event more than it had.
func fitWeek(counts []int64) (w Week, ok bool) {
	if len(counts) != hoursPerWeek {
		return w, false
	}
	total := float64(hoursPerWeek)
	for _, n := range counts {
		total += float64(n)
	}
	for i, n := range counts {
		w[i] = float64(n+1) * hoursPerWeek / total
	}

	return w, true
}
