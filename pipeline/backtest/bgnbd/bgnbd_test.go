package bgnbd

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// integral is Simpson's rule over (0, 1).
func integral(f func(float64) float64) float64 {
	const n = 4000
	var sum float64
	for i := range n + 1 {
		weight := 2.0
		switch {
		case i == 0 || i == n:
			weight = 1
		case i%2 == 1:
			weight = 4
		}
		sum += weight * f(min(max(float64(i)/n, 1e-12), 1-1e-12))
	}

	return sum / (3 * n)
}

func gammaDensity(x, shape, rate float64) float64 {
	return math.Exp(shape*math.Log(rate) + (shape-1)*math.Log(x) - rate*x - lgamma(shape))
}

func betaDensity(p, a, b float64) float64 {
	return math.Exp(lgamma(a+b) - lgamma(a) - lgamma(b) + (a-1)*math.Log(p) + (b-1)*math.Log1p(-p))
}

// slowLikelihood integrates that of one customer, whose rate and probability of
// leaving are known, over the population; then is multiplied in under the
// integral for those who are there still.
func slowLikelihood(p Parameters, h History, then func(rate float64) float64) float64 {
	x := float64(h.Repeats)
	// The rate runs to infinity: u/(1 − u) stretches (0, 1) over all rates.
	overRates := func(f func(rate float64) float64) float64 {
		return integral(func(u float64) float64 {
			rate := u / (1 - u)

			return f(rate) * gammaDensity(rate, p.R, p.Alpha) / ((1 - u) * (1 - u))
		})
	}
	stays := integral(func(q float64) float64 { return math.Pow(1-q, x) * betaDensity(q, p.A, p.B) })
	likelihood := stays * overRates(func(rate float64) float64 {
		return math.Pow(rate, x) * math.Exp(-rate*h.Age) * then(rate)
	})

	return likelihood
}

func slowLeft(p Parameters, h History) float64 {
	if h.Repeats == 0 {
		return 0
	}
	x := float64(h.Repeats)
	leaves := integral(func(q float64) float64 { return q * math.Pow(1-q, x-1) * betaDensity(q, p.A, p.B) })

	return leaves * integral(func(u float64) float64 {
		rate := u / (1 - u)

		return math.Pow(rate, x) * math.Exp(-rate*h.Last) * gammaDensity(rate, p.R, p.Alpha) / ((1 - u) * (1 - u))
	})
}

// The closed forms are integrals over the population, done by numbers here.
func TestFormulasAgreeWithIntegrals(t *testing.T) {
	for _, p := range []Parameters{{2, 5, 2, 3}, {3.5, 1.2, 3, 4}} {
		for _, h := range []History{{0, 0, 7}, {1, 2, 3}, {4, 6, 10}, {4, 9.5, 10}} {
			stays := slowLikelihood(p, h, func(float64) float64 { return 1 })
			left := slowLeft(p, h)
			if got, want := p.LogLikelihood([]History{h}), math.Log(stays+left); math.Abs(got-want) > 1e-6 {
				t.Errorf("%v %v: log-likelihood %v, want %v", p, h, got, want)
			}
			if got, want := p.Alive(h), stays/(stays+left); math.Abs(got-want) > 1e-6 {
				t.Errorf("%v %v: alive %v, want %v", p, h, got, want)
			}
			const span = 2.5
			quiet := slowLikelihood(p, h, func(rate float64) float64 { return math.Exp(-rate * span) })
			if got, want := p.None(h, span), (quiet+left)/(stays+left); math.Abs(got-want) > 1e-6 {
				t.Errorf("%v %v: none %v, want %v", p, h, got, want)
			}
		}
	}
}

// simulate draws customers of the model, seen for ages of 20 to 40.
func simulate(p Parameters, customers int, seed uint64) []History {
	random := rand.New(rand.NewPCG(seed, 7))
	histories := make([]History, customers)
	for i := range histories {
		h := &histories[i]
		h.Age = 20 + 20*random.Float64()
		rate := drawGamma(random, p.R) / p.Alpha
		a, b := drawGamma(random, p.A), drawGamma(random, p.B)
		leave := a / (a + b)
		for now := 0.0; ; {
			now += random.ExpFloat64() / rate
			if now > h.Age {
				break
			}
			h.Repeats++
			h.Last = now
			if random.Float64() < leave {
				break
			}
		}
	}

	return histories
}

// drawGamma is the method of Marsaglia and Tsang (2000) for a scale of one.
func drawGamma(random *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return drawGamma(random, shape+1) * math.Pow(random.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := random.NormFloat64()
		v := (1 + c*x) * (1 + c*x) * (1 + c*x)
		if v > 0 && math.Log(random.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

func TestFitFindsTheParametersOfSimulatedCustomers(t *testing.T) {
	want := Parameters{R: 0.9, Alpha: 4, A: 0.8, B: 2.4}
	histories := simulate(want, 8000, 3)
	fitted, err := Fit(histories, Parameters{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name           string
		got, want, tol float64
	}{
		{"r", fitted.R, want.R, 0.1},
		{"alpha", fitted.Alpha, want.Alpha, 0.1},
		{"leaving after a repeat", fitted.A / (fitted.A + fitted.B), want.A / (want.A + want.B), 0.1},
		{"a", fitted.A, want.A, 0.2},
		{"b", fitted.B, want.B, 0.2},
	} {
		if math.Abs(c.got/c.want-1) > c.tol {
			t.Errorf("%s is %.3f, want %.3f within %.0f %%", c.name, c.got, c.want, 100*c.tol)
		}
	}
	if fitted.LogLikelihood < want.LogLikelihood(histories) {
		t.Errorf("log-likelihood %.3f, below %.3f of the true parameters", fitted.LogLikelihood, want.LogLikelihood(histories))
	}
	if fitted.Customers != len(histories) {
		t.Errorf("%d customers, want %d", fitted.Customers, len(histories))
	}
}

// At the maximum the likelihood is flat in every direction, and it is the same
// maximum wherever the search begins and however the customers are ordered.
func TestFitIsAtTheMaximum(t *testing.T) {
	histories := simulate(Parameters{R: 1.5, Alpha: 6, A: 1.2, B: 3}, 1500, 5)
	fitted, err := Fit(histories, Parameters{})
	if err != nil {
		t.Fatal(err)
	}
	at := pointOf(fitted.Parameters)
	for i := range at {
		const step = 1e-4
		up, down := at, at
		up[i] += step
		down[i] -= step
		slope := (parametersAt(up).LogLikelihood(histories) - parametersAt(down).LogLikelihood(histories)) / (2 * step)
		if math.Abs(slope) > 0.05 {
			t.Errorf("the slope of the logarithm of parameter %d is %v", i, slope)
		}
	}
	slices.Reverse(histories)
	again, err := Fit(histories, Parameters{})
	if err != nil || again != fitted {
		t.Errorf("reversed: %+v, %v, want %+v", again, err, fitted)
	}
	elsewhere, err := Fit(histories, Parameters{R: 0.2, Alpha: 1, A: 3, B: 0.5})
	if err != nil || math.Abs(elsewhere.R-fitted.R) > 1e-3 || math.Abs(elsewhere.Alpha-fitted.Alpha) > 1e-2 {
		t.Errorf("begun elsewhere: %+v, %v, want %+v", elsewhere, err, fitted)
	}
}

func TestFitNeedsCustomersWhoCameBack(t *testing.T) {
	once := slices.Repeat([]History{{0, 0, 3}}, 100)
	if _, err := Fit(once, Parameters{}); !errors.Is(err, ErrTooFew) {
		t.Errorf("error %v, want %v", err, ErrTooFew)
	}
	// Customers who are all alike have no finite maximum; the bounds hold.
	alike := slices.Repeat([]History{{3, 3, 4}}, 100)
	fitted, err := Fit(alike, Parameters{})
	if err != nil || math.IsNaN(fitted.LogLikelihood) || math.Abs(math.Log(fitted.R)) > farthest {
		t.Errorf("alike: %+v, %v", fitted, err)
	}
}

// A long silence takes the probability of no event to one, and a customer with
// one event is alive for certain, which says nothing of the next horizon.
func TestNone(t *testing.T) {
	p := Parameters{R: 0.25, Alpha: 4.4, A: 0.8, B: 2.4}
	before := 0.0
	for age := 10.0; age < 1e4; age *= 2 {
		none := p.None(History{3, 9, age}, 13)
		if none <= before || none > 1 {
			t.Errorf("after %v: %v, was %v", age, none, before)
		}
		before = none
	}
	once := History{0, 0, 30}
	if p.Alive(once) != 1 || p.None(once, 13) < 0.8 {
		t.Errorf("one event: alive %v, none %v", p.Alive(once), p.None(once, 13))
	}
}

// A narrow curved valley.
func TestMinimize(t *testing.T) {
	valley := func(at point) float64 {
		var sum float64
		for i := range dimensions - 1 {
			off, short := at[i+1]-at[i]*at[i], 1-at[i]
			sum += 100*off*off + short*short
		}

		return 1 + sum
	}
	at, value := minimize(valley, point{2, 2, 0.5, 0.5})
	for i := range at {
		if math.Abs(at[i]-1) > 1e-3 {
			t.Fatalf("minimum %v at %v, want 1 at ones", value, at)
		}
	}
}
