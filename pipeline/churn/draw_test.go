package churn

import (
	"testing"

	"pgregory.net/rapid"
)

func newModel(t testing.TB, config Config) *Model {
	t.Helper()
	m, err := NewModel(config)
	if err != nil {
		t.Fatal(err)
	}

	return m
}

// drawModel draws any configuration and population that are allowed.
func drawModel(t *rapid.T) *Model {
	horizon := rapid.Int64Range(MinHorizon, 400*day).Draw(t, "horizon")
	cooling := rapid.Float64Range(0.01, 0.9).Draw(t, "cooling_at")
	config := Config{
		Horizon:       horizon,
		CoolingAt:     cooling,
		AtRiskAt:      cooling + 0.001 + (0.998-cooling)*rapid.Float64Range(0, 1).Draw(t, "at_risk_at"),
		CoolingMargin: cooling * rapid.Float64Range(0, 0.99).Draw(t, "cooling_margin"),
		AtRiskMargin:  cooling * rapid.Float64Range(0, 0.99).Draw(t, "at_risk_margin"),
		Dwell:         rapid.Int64Range(0, horizon).Draw(t, "dwell"),
	}
	m, err := NewModel(config)
	if err != nil {
		t.Fatal(err)
	}
	p := drawPopulation(t)
	p.Version = 1
	m.SetPopulation(p)

	return m
}

func drawPopulation(t *rapid.T) Population {
	return Population{
		Shape: rapid.Float64Range(0.05, 20).Draw(t, "shape"),
		Rate:  rapid.Float64Range(0.01, 20).Draw(t, "rate"),
		Leave: rapid.Float64Range(0.005, 2).Draw(t, "leave"),
		Stay:  rapid.Float64Range(0.05, 5).Draw(t, "stay"),
	}
}

// drawTimes draws times of events that mostly go forwards, from epoch on.
func drawTimes(t *rapid.T, horizon int64, atLeast int) []int64 {
	now := int64(1_700_000_000_000)
	gaps := rapid.SliceOfN(rapid.Float64Range(-0.2, 1), atLeast, 30).Draw(t, "gaps in horizons")
	scale := rapid.SampledFrom([]float64{0.01, 0.1, 1, 5}).Draw(t, "scale")
	times := make([]int64, len(gaps))
	for i, gap := range gaps {
		now += int64(gap * scale * float64(horizon))
		times[i] = now
	}

	return times
}

// drawCustomer draws a customer with some history, evaluated as it went on,
// and a time to look from.
func drawCustomer(t *rapid.T, m *Model) (State, int64) {
	var s State
	now := int64(0)
	for _, at := range drawTimes(t, m.Horizon(), 0) {
		m.Observe(&s, at, rapid.IntRange(0, 9).Draw(t, "qualifying") > 0)
		now = max(now, at)
		for {
			if _, ok := m.Evaluate(&s, now); !ok {
				break
			}
		}
	}
	now += rapid.Int64Range(0, m.Horizon()).Draw(t, "silence")
	if rapid.Bool().Draw(t, "evaluated") {
		for {
			if _, ok := m.Evaluate(&s, now); !ok {
				break
			}
		}
	}

	return s, now
}
