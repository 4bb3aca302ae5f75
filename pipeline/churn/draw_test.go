package churn

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

const epoch = int64(1_700_000_000_000) // where the tests' histories begin

func newModel(t testing.TB, config Config) *Model {
	t.Helper()
	m, err := NewModel(config)
	if err != nil {
		t.Fatal(err)
	}

	return m
}

// testPrior is a plausible prior that stays as it is when the shipped one
// changes.
func testPrior() *Prior {
	return &Prior{
		Terms: [features]PriorTerm{
			{"slots", 1.2, 1.2, -0.4, 0.4},
			{"tenure", -0.5, 2, 0.2, 0.25},
			{"lately", 0.3, 0.4, -0.1, 0.15},
			{"recent", 0.6, 0.7, -0.3, 0.3},
			{"overall", 1.1, 1, -0.3, 0.3},
			{"negatives", 0, 0.5, 0.3, 0.3},
			{"experience", 0, 0.5, 0.2, 0.3},
			{"pressure", 0, 0.6, -0.1, 0.2},
			{"pause", -1.4, 0.9, 0, 0.3},
			{"spread", 0.1, 0.3, 0, 0.3},
			{"recency", -0.7, 1.5, 0.1, 0.25},
			{"silence", 1.1, 1.3, 0.1, 0.3},
			{"lapsed", 0.3, 0.7, 0.2, 0.3},
			{"rhythm", -2, 4.5, 0.3, 0.3},
			{"habit", 0.3, 2.7, 0.8, 0.5},
			{"life", 0.5, 2.5, 0.2, 0.3},
			{"contact", -0.8, 1.5, 0.3, 0.4},
			{"week", -0.1, 0.3, -0.3, 0.6},
		},
		Bias: PriorTerm{"bias", 0, 1, 0.1, 1},
	}
}

// testConfig are the defaults with the testPrior.
func testConfig() Config {
	c := Defaults().Fixed(0.6, 0.85)
	c.Prior = testPrior()

	return c
}

// randomPrior is any prior that is allowed and not absurd.
func randomPrior(r *rand.Rand) *Prior {
	p := testPrior()
	for i := range p.Terms {
		p.Terms[i].Mean += r.NormFloat64()
		p.Terms[i].Deviation = math.Exp(r.NormFloat64())
		p.Terms[i].Weight = r.NormFloat64()
		if grows[i] {
			p.Terms[i].Weight = math.Abs(p.Terms[i].Weight)
		}
		p.Terms[i].Spread = 0.05 + r.Float64()
	}
	p.Bias.Weight, p.Bias.Spread = r.NormFloat64(), 0.05+r.Float64()

	return p
}

// randomParameters are any that a model takes: weights of any sign, but none
// below 0 where a term grows in silence.
func randomParameters(r *rand.Rand, prior *Prior) Parameters {
	p := prior.Parameters()
	p.Version, p.Step = 1+r.Uint64N(100), r.Int64N(1e6)
	scale := [...]float64{0.2, 0.7, 0.7, 3}[r.IntN(4)]
	for i := range p.Weights.Mean {
		w := min(max(scale*r.NormFloat64(), -maxWeight), maxWeight)
		if grows[i] {
			w = math.Abs(w)
			if r.IntN(5) == 0 {
				w = 0
			}
		}
		p.Weights.Mean[i] = w
	}
	p.Weights.Mean[termBias] = 1.2 * r.NormFloat64()
	p.Shift = min(max(0.5*r.NormFloat64(), -maxShift), maxShift)
	p.Rates = randomRates(r)
	for i := range p.Week {
		p.Week[i] = math.Exp(0.5 * r.NormFloat64())
	}
	for i := range p.Losses.Usual {
		customers := r.Int64N(1000)
		p.Losses.Usual[i] = UsualRisk{customers, customers * r.Int64N(int64(Certain)/2)}
	}
	for range r.IntN(4) {
		p.Losses.Early[r.IntN(lossBins)] = r.Int64N(mostLosses)
		p.Losses.Late[r.IntN(lossBins)] = r.Int64N(mostLosses)
	}
	if r.IntN(8) == 0 {
		p.Trial = Trial{Rows: 1000, Learned: 300, Prior: 200}
	}

	return p
}

func randomRates(r *rand.Rand) Rates {
	return Rates{Shape: minShape + (maxShape-minShape)*r.Float64(), Rate: math.Exp(-7 + 10*r.Float64())}
}

func drawRandom(t *rapid.T) *rand.Rand {
	return rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
}

// drawModel draws any configuration and any parameters that are allowed.
func drawModel(t *rapid.T) *Model {
	// Mostly round horizons, but any millisecond is allowed.
	horizon := rapid.OneOf(
		rapid.Int64Range(MinHorizon, 400*day),
		rapid.SampledFrom([]int64{MinHorizon, hour, 6 * hour, day, 3 * day, 7 * day, 30 * day, 365 * day}),
	).Draw(t, "horizon")
	cooling := rapid.Float64Range(0.01, 0.9).Draw(t, "cooling_at")
	random := drawRandom(t)
	m, err := NewModel(Config{
		Horizon:       horizon,
		CoolingAt:     cooling,
		AtRiskAt:      cooling + 0.001 + (0.998-cooling)*rapid.Float64Range(0, 1).Draw(t, "at_risk_at"),
		CoolingMargin: cooling * rapid.Float64Range(0, 0.99).Draw(t, "cooling_margin"),
		AtRiskMargin:  cooling * rapid.Float64Range(0, 0.99).Draw(t, "at_risk_margin"),
		Language:      rapid.SampledFrom(append(Languages(), "")).Draw(t, "language"),
		Prior:         randomPrior(random),
		Dwell:         rapid.Int64Range(0, horizon).Draw(t, "dwell"),
	})
	if err != nil {
		t.Fatal(err)
	}
	p := randomParameters(random, m.prior)
	m.SetParameters(p)
	if m.parameters != p {
		t.Fatalf("the model did not take %+v", p)
	}

	return m
}

// drawTimes draws times of events that mostly go forwards, from epoch on.
func drawTimes(t *rapid.T, horizon int64, atLeast int) []int64 {
	now := epoch
	gaps := rapid.SliceOfN(rapid.Float64Range(-0.2, 1), atLeast, 30).Draw(t, "gaps in horizons")
	scale := rapid.SampledFrom([]float64{0.01, 0.1, 1, 5}).Draw(t, "scale")
	times := make([]int64, len(gaps))
	for i, gap := range gaps {
		now += int64(gap * scale * float64(horizon))
		times[i] = max(now, 0)
	}

	return times
}

// drawCustomer draws a customer with some history, evaluated as it went on,
// and a time to look from.
func drawCustomer(t *rapid.T, m *Model) (State, int64) {
	var s State
	now := int64(0)
	for _, at := range drawTimes(t, m.Horizon(), 0) {
		m.Observe(&s, drawEvent(t, at))
		now = max(now, at)
		evaluateAll(m, &s, now)
	}
	now += rapid.Int64Range(0, m.Horizon()).Draw(t, "silence")
	if rapid.Bool().Draw(t, "evaluated") {
		evaluateAll(m, &s, now)
	}

	return s, now
}

func evaluateAll(m *Model, s *State, now int64) []Change {
	var changes []Change
	for {
		change, ok := m.Evaluate(s, now)
		if !ok {
			return changes
		}
		changes = append(changes, change)
	}
}

// drawEvent draws what an event may say; few end the relation.
func drawEvent(t *rapid.T, at int64) Event {
	share := func(label string, tenths int) bool { return rapid.IntRange(0, 9).Draw(t, label) >= 10-tenths }
	e := Event{Time: at, Qualifying: share("qualifying", 9)}
	if share("says more", 2) {
		e.Value = rapid.Float64Range(-1e18, 1e18).Draw(t, "value")
		e.Currency = rapid.SampledFrom([]Currency{0, 1, 1, 2, 3}).Draw(t, "currency")
		e.Channel = rapid.Byte().Draw(t, "channel")
		e.Negative, e.Contact, e.Ends = share("negative", 3), share("contact", 3), share("ends", 1)
		e.Rated = share("rated", 5)
		e.Experience = rapid.Float64Range(-1, 1).Draw(t, "experience")
	}

	return e
}
