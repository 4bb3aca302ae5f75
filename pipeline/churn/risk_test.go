package churn

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// integrated is the risk from first principles: the likelihoods of a customer
// with a rate and a probability of leaving, integrated numerically over how
// they are distributed among customers.
func integrated(p Population, h history) float64 {
	var left, stays, silent float64
	const steps = 1500
	k := p.Shape + h.repeats

	// Over the rate λ = z/(α + E), so that the weight of z is about gamma(k).
	// z = v⁴ spreads the points where small shapes have their mass.
	top := math.Pow(k+12*math.Sqrt(k)+30, 0.25)
	for i := range steps {
		v := (float64(i) + 0.5) / steps * top
		z := v * v * v * v
		rate := z / (p.Rate + h.exposure)
		weight := 4 * v * v * v * math.Pow(z, k-1) * math.Exp(-z)
		left += weight
		stays += weight * math.Exp(-rate*h.silence)
		silent += weight * math.Exp(-rate*(h.silence+1))
	}

	// Over the probability of leaving q: beta(a, b) times q·(1−q)^x for those
	// who left, times (1−q)^(x+1) for those who stay. q = sin²(w), and w moves
	// slowly where small parameters have their mass, at both ends.
	var leaves, remains float64
	for i := range steps {
		v := (float64(i) + 0.5) / steps
		w := v * v * v * (10 + v*(6*v-15)) * math.Pi / 2
		q, not := math.Pow(math.Sin(w), 2), math.Pow(math.Cos(w), 2)
		weight := v * v * (1 - v) * (1 - v) * math.Pow(q, p.Leave-0.5) * math.Pow(not, p.Stay-0.5)
		leaves += weight * q * math.Pow(not, h.repeats)
		remains += weight * math.Pow(not, h.repeats+1)
	}

	return (left*leaves + silent*remains) / (left*leaves + stays*remains)
}

func TestRiskIsTheIntegralOverCustomers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Population{
			Shape: rapid.Float64Range(0.3, 10).Draw(t, "shape"),
			Rate:  rapid.Float64Range(0.1, 10).Draw(t, "rate"),
			Leave: rapid.Float64Range(0.2, 2).Draw(t, "leave"),
			Stay:  rapid.Float64Range(0.2, 5).Draw(t, "stay"),
		}
		h := history{
			repeats:  rapid.Float64Range(0, 15).Draw(t, "repeats"),
			exposure: rapid.Float64Range(0, exposureLimit).Draw(t, "exposure"),
			silence:  rapid.Float64Range(0, 3).Draw(t, "silence"),
		}
		if got, want := p.risk(h), integrated(p, h); math.Abs(got-want) > 1e-3 {
			t.Fatalf("risk %v, integrated %v, for %+v of %+v", got, want, h, p)
		}
	})
}

func TestRiskOfNobody(t *testing.T) {
	m := newModel(t, Defaults())
	var s State
	m.Observe(&s, 3*day, false)
	if score := m.Score(&s, 4*day); score != 0 {
		t.Errorf("score %d of a customer who never engaged, want 0", score)
	}
}

func TestScoreGrowsInSilence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, now := drawCustomer(t, m)
		later := now + rapid.Int64Range(0, 20*m.Horizon()).Draw(t, "later")
		if a, b := m.Score(&s, now), m.Score(&s, later); b < a || b > Certain {
			t.Fatalf("score %d at %d, then %d at %d", a, now, b, later)
		}
		if s.Known() && m.Score(&s, s.Last()-1) != m.Score(&s, s.Last()) {
			t.Fatal("a time before the latest event does not count as its time")
		}
	})
}

func TestEndlessSilenceIsCertain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPopulation(t)
		h := history{repeats: rapid.Float64Range(0, maxVisits).Draw(t, "repeats"), silence: 1e300}
		if risk := p.risk(h); !(risk > 0.999999) {
			t.Fatalf("risk %v after endless silence", risk)
		}
	})
}

func TestHistoryInHorizons(t *testing.T) {
	m := newModel(t, Defaults())
	var s State
	m.Observe(&s, 0, true)
	m.Observe(&s, 60*day, true) // one half-life
	h := m.history(&s, 90*day)
	exposure := exposureLimit / 2
	if math.Abs(h.repeats-1) > 1e-12 || math.Abs(h.exposure-exposure) > 1e-12 || math.Abs(h.silence-1) > 1e-12 {
		t.Errorf("got %+v, want 1 repeat in %v horizons, silent for 1", h, exposure)
	}
}
