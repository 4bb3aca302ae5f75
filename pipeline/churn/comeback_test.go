package churn

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Who is busy for some hours, and then sleeps, has not left
// after a part of the night, whatever the events alone say.
func TestANightIsNotYetLeaving(t *testing.T) {
	m := newModel(t, testConfig()) // a horizon of 30 days
	var s State
	now := epoch
	for range 4 { // busy evenings, a week apart
		for range 200 {
			m.Observe(&s, Event{Time: now, Qualifying: true})
			now += 2 * minute
		}
		now += 7 * day
	}
	now = s.last
	rates := Rates{Shape: 1, Rate: 0.01}
	look := m.look(&s)
	pace := look.comeback(now)
	events := rates.returned(float64(pace.repeats), float64(pace.exposure), 1.0/30)
	if share := pace.share(rates, 1.0/30); events < 0.99 || share > 0.7 || share < 0.5 {
		t.Errorf("a day after a busy evening %v would be back, by the events alone %v; want about half of them and nearly all", share, events)
	}
}

func TestComebackShareIsADistribution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := drawRandom(t)
		rates := randomRates(random)
		draw := func(most float64) float32 { return float32(most * random.Float64()) }
		pace := comeback{repeats: draw(100), exposure: draw(0.2), visits: 1 + draw(50), over: 0.45 + draw(10)}
		sooner := rapid.Float64Range(0, 1).Draw(t, "sooner")
		later := rapid.Float64Range(sooner, 1).Draw(t, "later")
		a, b := pace.share(rates, sooner), pace.share(rates, later)
		if a > b || a < 0 || pace.share(rates, 0) != 0 || pace.share(rates, 1) != 1 {
			t.Fatalf("%v after %v, %v after %v of %+v; 0 at 0 and 1 at 1 wanted, too", a, sooner, b, later, pace)
		}
		// The visits are a gamma mixture of Poisson processes.
		visits := posterior(Rates{Shape: float64(pace.visits), Rate: float64(pace.over)}, 0, 0, 1, func(rate float64) float64 {
			return -math.Expm1(-rate * later)
		}) / posterior(Rates{Shape: float64(pace.visits), Rate: float64(pace.over)}, 0, 0, 1, func(rate float64) float64 {
			return -math.Expm1(-rate)
		})
		events := rates.returned(float64(pace.repeats), float64(pace.exposure), later)
		if want := (events + visits) / 2; math.Abs(b-want) > 1e-4 {
			t.Fatalf("%v, want %v halfway between %v and %v", b, want, events, visits)
		}
	})
}
