package churn

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// integrate is the midpoint rule.
func integrate(from, to float64, f func(float64) float64) (sum float64) {
	const steps = 10_000
	step := (to - from) / steps
	for i := range steps {
		sum += f(from+(float64(i)+0.5)*step) * step
	}

	return sum
}

// integratedNone integrates P(none) over the customers of whom habit speaks:
// over their rates λ of visits, and their probabilities p of leaving after one.
// The history of x repeats and a silence u weighs a customer who stays with
// (1 − p)^(x+1) · λ^x · exp(−λ(E + u)), and one who left after the latest visit
// with p · (1 − p)^x · λ^x · exp(−λE).
func integratedNone(x, exposure, u float64) float64 {
	rate := habitRate + exposure
	k := habitShape + x
	scale, _ := math.Lgamma(k)
	overRates := func(f func(rate float64) float64) float64 {
		return integrate(0, k+15*math.Sqrt(k)+40, func(y float64) float64 {
			return math.Exp((k-1)*math.Log(y)-y-scale) * f(y/rate)
		})
	}
	// With p = q^(1/a) the density at p = 0 is finite.
	overLeaving := func(f func(p float64) float64) float64 {
		return integrate(0, 1, func(q float64) float64 {
			p := math.Pow(q, 1/habitLeave)

			return math.Pow(1-p, habitStay-1+x) * f(p)
		})
	}
	stays := overLeaving(func(p float64) float64 { return 1 - p })
	left := overLeaving(func(p float64) float64 { return p }) * overRates(func(float64) float64 { return 1 })
	silent := overRates(func(rate float64) float64 { return math.Exp(-rate * u) })
	silentOn := overRates(func(rate float64) float64 { return math.Exp(-rate * (u + 1)) })

	return (left + stays*silentOn) / (left + stays*silent)
}

func TestHabitAgainstIntegration(t *testing.T) {
	for _, x := range []float64{0, 0.4, 1, 3, 12, 80} {
		for _, tenure := range []float64{0, 0.1, 1, 5, 100} {
			first := math.Exp2(-tenure / 2)
			exposure := integrate(0, tenure, func(t float64) float64 { return math.Exp2(-t / 2) })
			h := habitOf(x+first, tenure)
			for _, u := range []float64{0, 0.05, 0.5, 1, 2, 10} {
				want := integratedNone(x, exposure, u)
				want = min(max(want, leastRisk), 1-leastRisk)
				if got := h.none(u); math.Abs(got-logOdds(want)) > 3e-3 {
					t.Errorf("%v repeats in %v horizons, silent for %v: log-odds %v, want %v", x, tenure, u, got, logOdds(want))
				}
			}
		}
	}
}

// Whatever the history is, the log-odds only grow in silence, and stay within
// the bounds of the risk.
func TestHabitNeverFallsInSilence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tenure := rapid.OneOf(rapid.Float64Range(0, 10), rapid.Float64Range(0, 1e8)).Draw(t, "tenure")
		h := habitOf(rapid.Float64Range(0, 300).Draw(t, "visits"), tenure)
		silences := rapid.OneOf(rapid.Float64Range(0, 4), rapid.Float64Range(0, 1e8))
		u, more := silences.Draw(t, "silence"), silences.Draw(t, "more")
		a, b := h.none(u), h.none(u+more)
		if b < a {
			t.Fatalf("log-odds %v after %v, then %v after %v", a, u, b, u+more)
		}
		for _, z := range []float64{a, b} {
			if !(math.Abs(z) <= logOdds(1-leastRisk)+1e-9) {
				t.Fatalf("log-odds %v", z)
			}
		}
	})
}

// The same silence means more for who came more often, once it is long for
// both of them; right after a visit it is the other way round.
func TestHabitKnowsTheCustomersRhythm(t *testing.T) {
	m := newModel(t, testConfig())
	last := [2]float64{math.Inf(1), math.Inf(-1)} // after a day, after 60 days
	for _, every := range []int64{30, 14, 7, 3, 1} {
		var s State
		for at := int64(0); at <= 210; at += every {
			m.Observe(&s, Event{Time: epoch + at*day, Qualifying: true})
		}
		look := m.look(&s)
		soon, late := look.habit.none(1.0/30), look.habit.none(2)
		if soon >= last[0] || late <= last[1] {
			t.Errorf("every %d days: log-odds %v after a day, %v after 60 days; with fewer visits %v", every, soon, late, last)
		}
		last = [2]float64{soon, late}
	}
}
