package churn

import (
	"encoding/json"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParametersJSONIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := drawRandom(t)
		p := randomParameters(random, randomPrior(random))
		p.Version, p.Step = random.Uint64(), random.Int64()
		p.Weights = randomPosterior(random)
		p.Trial = Trial{Rows: random.ExpFloat64() * 1000, Learned: random.ExpFloat64(), Prior: math.Nextafter(random.Float64(), 2)}
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var got Parameters
		if err := json.Unmarshal(data, &got); err != nil || got != p {
			t.Fatalf("%+v became %+v by %s, error %v", p, got, data, err)
		}
	})
}

func TestParametersAreChecked(t *testing.T) {
	bad := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e9, -1e9}
	fields := map[string]struct {
		field func(*Parameters) *float64
		also  []float64
	}{
		"shape":               {func(p *Parameters) *float64 { return &p.Rates.Shape }, []float64{0, -1, maxShape * 1.01}},
		"rate":                {func(p *Parameters) *float64 { return &p.Rates.Rate }, []float64{0, -1}},
		"hour 0 of the week":  {func(p *Parameters) *float64 { return &p.Week[0] }, []float64{0, -1}},
		"weight 0":            {func(p *Parameters) *float64 { return &p.Weights.Mean[0] }, nil},
		"none below 0":        {func(p *Parameters) *float64 { return &p.Weights.Mean[termRhythm] }, []float64{-1e-9}},
		"weight 18":           {func(p *Parameters) *float64 { return &p.Weights.Mean[termBias] }, nil},
		"precision of weight": {func(p *Parameters) *float64 { return &p.Weights.Precision[packed(3, 3)] }, []float64{0, -1}},
		"shift":               {func(p *Parameters) *float64 { return &p.Shift }, []float64{maxShift * 1.01}},
	}
	for name, f := range fields {
		t.Run(name, func(t *testing.T) {
			for _, value := range append(f.also, bad...) {
				p := testPrior().Parameters()
				if err := p.Validate(); err != nil {
					t.Fatal(err)
				}
				*f.field(&p) = value
				err := p.Validate()
				if name == "precision of weight" && value > 0 {
					continue // any sureness is fine
				}
				if err == nil || name != "none below 0" && !strings.Contains(err.Error(), name) {
					t.Errorf("value %v: got error %v, want one with %q", value, err, name)
				}
				m := newModel(t, testConfig())
				p.Version = 9
				if m.SetParameters(p) || m.Parameters().Version != 0 {
					t.Errorf("value %v was put to use", value)
				}
			}
		})
	}
}

func TestSetParameters(t *testing.T) {
	m := newModel(t, testConfig())
	random := rand.New(rand.NewPCG(1, 2))
	two := randomParameters(random, m.prior)
	two.Version = 2
	if !m.SetParameters(two) || *m.Parameters() != two {
		t.Fatalf("newer parameters were not taken: %+v", m.Parameters())
	}
	same := two
	same.Version = 3
	same.Weights.Precision[0] *= 2
	if m.SetParameters(same) || *m.Parameters() != same {
		t.Errorf("the same risks: want no change and version 3, got %+v", m.Parameters())
	}
	older := randomParameters(random, m.prior)
	older.Version = 2
	if m.SetParameters(older) || *m.Parameters() != same {
		t.Errorf("older parameters were taken: %+v", m.Parameters())
	}
	if m.SetParameters(same) || *m.Parameters() != same {
		t.Errorf("the same ones again: want no change, got %+v", m.Parameters())
	}
	for name, change := range map[string]func(*Parameters){
		"rates":  func(p *Parameters) { p.Rates.Rate *= 2 },
		"week":   func(p *Parameters) { p.Week[7] *= 2 },
		"weight": func(p *Parameters) { p.Weights.Mean[2] += 0.1 },
		"shift":  func(p *Parameters) { p.Shift /= 2 },
		"trial":  func(p *Parameters) { p.Trial = Trial{Rows: 500, Learned: 3, Prior: 1} },
	} {
		m := newModel(t, testConfig())
		first := two
		first.Trial = Trial{}
		m.SetParameters(first)
		change(&first)
		first.Version++
		if !m.SetParameters(first) {
			t.Errorf("another %s does not count as a change", name)
		}
	}
}

// Two coordinators may give one version to different answers. Whoever reads
// them, in whatever order and however often, ends with the same one.
func TestParametersOfOneVersionInAnyOrder(t *testing.T) {
	differ := map[string]func(*Parameters){
		"step":      func(p *Parameters) { p.Step++ },
		"shift":     func(p *Parameters) { p.Shift = -p.Shift / 2 },
		"shape":     func(p *Parameters) { p.Rates.Shape = math.Nextafter(p.Rates.Shape, minShape) },
		"rate":      func(p *Parameters) { p.Rates.Rate /= 2 },
		"week":      func(p *Parameters) { p.Week[167] /= 2 },
		"weight":    func(p *Parameters) { p.Weights.Mean[termBias] -= 0.1 },
		"precision": func(p *Parameters) { p.Weights.Precision[len(p.Weights.Precision)-1] *= 2 },
		"rows":      func(p *Parameters) { p.Trial.Rows++ },
		"learned":   func(p *Parameters) { p.Trial.Learned++ },
		"prior":     func(p *Parameters) { p.Trial.Prior++ },
	}
	rapid.Check(t, func(t *rapid.T) {
		random := drawRandom(t)
		prior := randomPrior(random)
		answers := []Parameters{randomParameters(random, prior)}
		for range 3 {
			other := randomParameters(random, prior)
			if random.IntN(2) == 0 {
				other = answers[0]
			}
			differ[rapid.SampledFrom(slices.Sorted(maps.Keys(differ))).Draw(t, "differ in")](&other)
			other.Version = answers[0].Version
			answers = append(answers, other)
		}
		var want *Parameters
		for range 4 {
			m := newAnyModel(t, prior)
			random.Shuffle(len(answers), func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
			for _, p := range append(answers, answers[0]) {
				m.SetParameters(p)
			}
			if want == nil {
				want = m.Parameters()
			}
			if *m.Parameters() != *want {
				t.Fatalf("one order gives %+v, another %+v", *want, *m.Parameters())
			}
			if m.SetParameters(*want) {
				t.Fatal("the ones in use count as a change")
			}
		}
	})
}

// Log-odds are drawn towards even odds, and the shift is part of the intercept.
func TestWeightsInUse(t *testing.T) {
	m := newModel(t, testConfig())
	p := randomParameters(rand.New(rand.NewPCG(3, 4)), m.prior)
	p.Trial, p.Shift = Trial{}, 0.5
	m.SetParameters(p)
	for i, w := range p.Weights.Mean {
		if i == termBias {
			w += 0.5
		}
		if math.Abs(m.weights[i]-moderation*w) > 1e-12 {
			t.Errorf("weight %d in use is %v of %v", i, m.weights[i], w)
		}
	}
	p.Trial = Trial{Rows: 500, Learned: 3, Prior: 1}
	p.Version++
	m.SetParameters(p)
	for i, w := range m.prior.weights() {
		if i == termBias {
			w += 0.5
		}
		if math.Abs(m.weights[i]-moderation*w) > 1e-12 {
			t.Errorf("after a lost trial weight %d in use is %v, the prior's is %v", i, m.weights[i], w)
		}
	}
}

func TestShippedPrior(t *testing.T) {
	prior := ShippedPrior()
	if err := prior.Validate(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{"": true}
	for i, term := range prior.Terms {
		if seen[term.Name] || testPrior().Terms[i].Name != term.Name {
			t.Errorf("term %d is %q, in the tests %q", i, term.Name, testPrior().Terms[i].Name)
		}
		seen[term.Name] = true
	}
	if m := newModel(t, Defaults()); *m.Parameters() != prior.Parameters() {
		t.Error("a model that is told no prior has another than the shipped one")
	}

	// Whatever its numbers are: who came every week is more likely gone the
	// longer the silence is.
	m := newModel(t, Defaults())
	var weekly State
	for i := range int64(20) {
		m.Observe(&weekly, Event{Time: epoch + i*7*day, Qualifying: true})
	}
	last := Score(0)
	for _, days := range []int64{1, 10, 30, 60, 120} {
		score := m.Score(&weekly, weekly.Last()+days*day)
		if score <= last {
			t.Errorf("risk of a weekly customer is %v after %d days, %v before", score.Risk(), days, last.Risk())
		}
		last = score
	}
}

// What is accepted as a prior can be used as parameters.
func TestPriorIsChecked(t *testing.T) {
	values := []float64{0, 1, -1, 1e-300, 1e-100, 1e9, -1e9, 1e300, math.NaN(), math.Inf(1), math.Inf(-1)}
	refused := 0
	for i := range features + 1 {
		for field := range 4 {
			for _, value := range values {
				p := testPrior()
				term := &p.Bias
				if i < features {
					term = &p.Terms[i]
				}
				*[]*float64{&term.Mean, &term.Deviation, &term.Weight, &term.Spread}[field] = value
				config := testConfig()
				config.Prior = p
				m, err := NewModel(config)
				if err != nil {
					refused++
					if !strings.Contains(err.Error(), term.Name) {
						t.Errorf("got error %v, want one with %q", err, term.Name)
					}

					continue
				}
				parameters := p.Parameters()
				if err := parameters.Validate(); err != nil {
					t.Errorf("accepted with %v in field %d of %q: %v", value, field, term.Name, err)
				}
				if _, err := json.Marshal(parameters); err != nil {
					t.Errorf("accepted with %v in field %d of %q: %v", value, field, term.Name, err)
				}
				var s State
				m.Observe(&s, Event{Time: epoch, Qualifying: true})
				look := m.look(&s)
				if z := look.full(epoch + day); math.IsNaN(z) || math.IsInf(z, 0) {
					t.Errorf("accepted with %v in field %d of %q: log-odds %v", value, field, term.Name, z)
				}
			}
		}
	}
	if refused < 100 {
		t.Errorf("only %d priors refused", refused)
	}
}
