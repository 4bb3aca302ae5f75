package churn

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// posterior integrates a function of the rate over what is known of it for a
// customer with n repeats in exposure E: a gamma distribution of shape a + n
// and rate b + E. It is integrated over the logarithm of the rate; below the
// lowest one f grows with its power.
func posterior(r Rates, n, exposure, power float64, f func(rate float64) float64) float64 {
	const steps, lowest = 3_000, -60
	k, scale := r.Shape+n, r.Rate+exposure
	highest := math.Log(k + 12*math.Sqrt(k) + 40)
	step := (highest - lowest) / steps
	var sum, whole float64
	for i := range steps + 1 {
		x := lowest + float64(i)*step
		weight := step * math.Exp(k*x-math.Exp(x))
		if i == 0 {
			weight /= 2
			sum += math.Exp(k*x) / (k + power) * f(math.Exp(x)/scale)
			whole += math.Exp(k*x) / k
		}
		sum += weight * f(math.Exp(x)/scale)
		whole += weight
	}

	return sum / whole
}

func drawRepeats(t *rapid.T) (n, exposure float64) {
	return rapid.Float64Range(0, 60).Draw(t, "repeats"), rapid.Float64Range(0, exposureLimit).Draw(t, "exposure")
}

func TestNoneIsTheIntegralOverRates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := randomRates(drawRandom(t))
		n, exposure := drawRepeats(t)
		none := posterior(rates, n, exposure, 0, func(rate float64) float64 { return math.Exp(-rate) })
		some := posterior(rates, n, exposure, 1, func(rate float64) float64 { return -math.Expm1(-rate) })
		if none+some < 1-1e-6 || none+some > 1+1e-6 {
			t.Fatalf("the integrals are %v and %v", none, some)
		}
		limit := math.Log((1 - leastRisk) / leastRisk)
		want := min(max(math.Log(none/some), -limit), limit)
		if got := rates.none(n, exposure); math.Abs(got-want) > 1e-4 {
			t.Fatalf("log-odds %v, integrated %v, for %v repeats in %v of %+v", got, want, n, exposure, rates)
		}
	})
}

func TestReturnedIsTheIntegralOverRates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := randomRates(drawRandom(t))
		n, exposure := drawRepeats(t)
		u := rapid.Float64Range(0, 1).Draw(t, "part of a horizon")
		within := func(t float64) float64 {
			return posterior(rates, n, exposure, 1, func(rate float64) float64 { return -math.Expm1(-rate * t) })
		}
		if got, want := rates.returned(n, exposure, u), within(u)/within(1); math.Abs(got-want) > 1e-5 {
			t.Fatalf("share %v, integrated %v, for %v repeats in %v of %+v", got, want, n, exposure, rates)
		}
	})
}

func TestReturnedIsADistribution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := randomRates(drawRandom(t))
		n, exposure := drawRepeats(t)
		sooner := rapid.Float64Range(0, 1).Draw(t, "sooner")
		later := rapid.Float64Range(sooner, 1).Draw(t, "later")
		a, b := rates.returned(n, exposure, sooner), rates.returned(n, exposure, later)
		if a > b || rates.returned(n, exposure, 0) != 0 || rates.returned(n, exposure, 1) != 1 {
			t.Fatalf("%v after %v, %v after %v; 0 at 0 and 1 at 1 wanted, too", a, sooner, b, later)
		}
	})
	// Nothing can be said of who has no rate: then time goes evenly.
	if got := (Rates{Shape: 0, Rate: 1}).returned(0, 0, 0.25); got != 0.25 {
		t.Errorf("without a rate: %v after a quarter, want 0.25", got)
	}
}

// gamma draws by Marsaglia and Tsang 2000, "A simple method for generating
// gamma variables".
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	for {
		x := r.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// Rates that are simulated are found again. Events come as Poisson processes at
// rates that are gamma distributed, and fade as in a State.
func TestFitFindsTheRates(t *testing.T) {
	const customers = 60_000
	for _, want := range []Rates{{0.3, 0.05}, {0.5, 0.25}, {0.8, 0.2}, {0.6, 0.8}, {0.9, 0.03}} {
		random := rand.New(rand.NewPCG(3, 4))
		var sum Statistics
		for range customers {
			age := 1.5 * random.Float64() // horizons
			e, f := (1-math.Exp2(-8*age))/(8*math.Ln2), (1-math.Exp2(-16*age))/(16*math.Ln2)
			rate, x := gamma(random, want.Shape)/want.Rate, 0.0
			for ago := random.ExpFloat64() / rate; ago < age; ago += random.ExpFloat64() / rate {
				x += math.Exp2(-8 * ago)
			}
			sum.Active++
			sum.Repeats += fixed(x)
			sum.RepeatsSq += fixed(x * x)
			sum.Exposure += fixed(e)
			sum.ExposureSq += fixed(e * e)
			sum.RepeatsTime += fixed(x * e)
			sum.Fading += fixed(f)
		}
		got, ok := fitRates(&sum)
		if !ok || math.Abs(math.Log(got.Shape/want.Shape)) > 0.1 || math.Abs(math.Log(got.Rate/want.Rate)) > 0.1 {
			t.Errorf("got %+v, %v; want %+v", got, ok, want)
		}
	}
}

func TestFitNeedsCustomers(t *testing.T) {
	if _, ok := fitRates(&Statistics{}); ok {
		t.Error("rates of nobody")
	}
	m := newModel(t, testConfig())
	var once, twice State
	m.Observe(&once, Event{Time: 100 * day, Qualifying: true})
	m.Observe(&twice, Event{Time: 98 * day, Qualifying: true})
	m.Observe(&twice, Event{Time: 100 * day, Qualifying: true})
	fit := func(s *State, customers int) bool {
		var sum Statistics
		for range customers {
			sum.Add(m, s, 101*day)
		}
		_, ok := fitRates(&sum)

		return ok
	}
	if fit(&once, fewestActive) {
		t.Error("rates of customers who never came back")
	}
	if fit(&twice, fewestActive-1) || !fit(&twice, fewestActive) {
		t.Errorf("rates should need %d customers", fewestActive)
	}
}

func TestFitStaysInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sum := func(name string) int64 { return rapid.Int64Range(0, 1<<50).Draw(t, name) }
		stats := Statistics{
			Customers: sum("customers"), Active: sum("active"),
			Repeats: sum("repeats"), RepeatsSq: sum("repeats_sq"),
			Exposure: sum("exposure"), ExposureSq: sum("exposure_sq"), RepeatsTime: sum("repeats_time"),
			Fading: sum("fading"),
		}
		if rates, ok := fitRates(&stats); ok {
			if err := rates.validate(); err != nil {
				t.Fatalf("%v from %+v", err, stats)
			}
		}
	})
}
