package churn

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestPopulationJSONIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPopulation(t)
		p.Version = rapid.Uint64().Draw(t, "version")
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var got Population
		if err := json.Unmarshal(data, &got); err != nil || got != p {
			t.Fatalf("%+v became %+v by %s, error %v", p, got, data, err)
		}
	})
}

func TestPopulationIsChecked(t *testing.T) {
	if err := Prior().Validate(); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []float64{0, -1, math.NaN(), math.Inf(1), 1e9} {
		for i := range 4 {
			p := Prior()
			*[]*float64{&p.Shape, &p.Rate, &p.Leave, &p.Stay}[i] = bad
			if p.Validate() == nil {
				t.Errorf("parameter %d of %v was accepted", i, bad)
			}
		}
	}
}

func TestStatisticsCommute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		customers := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) State {
			s, _ := drawCustomer(t, m)

			return s
		}), 0, 20).Draw(t, "customers")
		now := int64(1_700_000_000_000) + 40*m.Horizon()
		shuffled := rapid.Permutation(customers).Draw(t, "shuffled")
		cut := rapid.IntRange(0, len(customers)).Draw(t, "cut")

		var all, front, back Statistics
		for i := range customers {
			all.Add(m, &customers[i], now)
			if i < cut {
				front.Add(m, &shuffled[i], now)
			} else {
				back.Add(m, &shuffled[i], now)
			}
		}
		back.Merge(front)
		if back != all {
			t.Fatalf("in parts %+v, at once %+v", back, all)
		}

		data, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		var got Statistics
		if err := json.Unmarshal(data, &got); err != nil || got != all {
			t.Fatalf("%+v became %+v, error %v", all, got, err)
		}
	})
}

func TestFitNeedsCustomers(t *testing.T) {
	if p, ok := Fit(Statistics{}); ok || p != Prior() {
		t.Errorf("nothing: got %+v, %v; want the prior, false", p, ok)
	}
	m := newModel(t, Defaults())
	var once State
	m.Observe(&once, 100*day, true)
	var sum Statistics
	for range FewestCustomers {
		sum.Add(m, &once, 101*day)
	}
	if p, ok := Fit(sum); ok {
		t.Errorf("customers who never came back: got %+v, want none", p)
	}
}

// A population that is simulated from the model is found again.
func TestFitFindsThePopulation(t *testing.T) {
	const horizon = 1000 * minute
	random := rand.New(rand.NewPCG(3, 4))
	config := Defaults()
	config.Horizon, config.Dwell = horizon, 0
	m := newModel(t, config)

	// Rates are exponential with mean 1 a horizon: few slots hold two visits.
	const leaving = 0.1
	now := 100 * horizon
	var sum Statistics
	for range 20_000 {
		var s State
		rate := random.ExpFloat64()
		at := now - int64(random.Float64()*4*float64(horizon))
		for at <= now {
			m.Observe(&s, at, true)
			if random.Float64() < leaving {
				break
			}
			at += int64(random.ExpFloat64() / rate * float64(horizon))
		}
		sum.Add(m, &s, now)
	}
	p, ok := Fit(sum)
	if !ok {
		t.Fatal("no fit")
	}
	// Only customers who were here in the last horizon tell of rates, and they
	// come more often than others.
	if mean := p.Shape / p.Rate; mean < 0.9 || mean > 1.8 {
		t.Errorf("mean rate %v of %+v, want about 1 to 1.8", mean, p)
	}
	if mean := p.Leave / (p.Leave + p.Stay); mean < leaving || mean > 0.35 {
		t.Errorf("mean leaving %v of %+v, want %v to 0.35", mean, p, leaving)
	}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
}

func TestFitStaysInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sum := func(name string) int64 { return rapid.Int64Range(0, 1<<50).Draw(t, name) }
		stats := Statistics{
			Customers: sum("customers"), Active: sum("active"),
			Repeats: sum("repeats"), RepeatsSq: sum("repeats_sq"),
			Exposure: sum("exposure"), ExposureSq: sum("exposure_sq"), RepeatsTime: sum("repeats_time"),
			Visits: sum("visits"),
		}
		if p, ok := Fit(stats); ok {
			if err := p.Validate(); err != nil {
				t.Fatalf("%v from %+v", err, stats)
			}
		}
	})
}
