package churn

import (
	"math"
	"math/rand/v2"
	"testing"
)

// calibrationOf counts risks drawn evenly from 0 to 1, whose odds are odds
// times what they say, and says it all again by the definitions.
func calibrationOf(random *rand.Rand, n int, odds float64) (got, want Calibration) {
	var q Quality
	var bins []int
	var outcomes []Outcome
	var gaps [QualityBins]float64
	for range n {
		p := pending{risk: quantize(random.Float64()), segment: Segment(random.IntN(3))}
		risk, outcome, lost := p.risk.Risk(), Returned, 0.0
		if random.Float64()*(risk*odds+1-risk) < risk*odds {
			outcome, lost = Lost, 1
		}
		q.add(&p, outcome)
		bin := min(int(risk*QualityBins+1e-9), QualityBins-1)
		bins, outcomes = append(bins, bin), append(outcomes, outcome)
		gaps[bin] += lost - risk
		want.MeanRisk += risk / float64(n)
		want.Observed += lost / float64(n)
		want.Brier += square(risk-lost) / float64(n)
	}
	for _, gap := range gaps {
		want.ECE += math.Abs(gap) / float64(n)
	}
	pairs := 0.0
	for i := range bins {
		for j := range bins {
			if outcomes[i] != Lost || outcomes[j] == Lost {
				continue
			}
			pairs++
			switch {
			case bins[i] > bins[j]:
				want.AUC++
			case bins[i] == bins[j]:
				want.AUC += 0.5
			}
		}
	}
	want.AUC /= pairs

	return q.Calibration(OneTime, Newcomer, Regular), want
}

func TestCalibrationAgainstItsDefinitions(t *testing.T) {
	for seed := range uint64(20) {
		got, want := calibrationOf(rand.New(rand.NewPCG(seed, 2)), 400, 1+float64(seed)/10)
		for name, pair := range map[string][2]float64{
			"mean risk": {got.MeanRisk, want.MeanRisk}, "observed": {got.Observed, want.Observed}, "brier": {got.Brier, want.Brier},
			"ece": {got.ECE, want.ECE}, "auc": {got.AUC, want.AUC},
			"over": {got.OverExpected(), want.Observed / want.MeanRisk}, "cases": {got.Cases, 400}, "rows": {float64(got.Rows), 400},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Errorf("seed %d: %s is %v, want %v", seed, name, pair[0], pair[1])
			}
		}
		for _, edge := range []float64{got.Low, got.High} { // Wilson's own equation
			if distance := math.Abs(edge-got.Observed) / math.Sqrt(edge*(1-edge)/got.Cases); math.Abs(distance-1.96) > 0.001 {
				t.Errorf("seed %d: %v is %v standard errors from %v", seed, edge, distance, got.Observed)
			}
		}
	}
}

// simulated are customers who come at one rate, whatever came before, and a
// model that knows the rate, but for a shift of its log-odds. Everyone is drawn
// at every step.
func simulated(t *testing.T, seed uint64, shift float64) Calibration {
	t.Helper()
	const pace = 1.2 // events a horizon, so e^−1.2 of the horizons have none
	m := newModel(t, testConfig())
	p := *m.Parameters()
	p.Version = 1
	p.Weights.Mean = [terms]float64{}
	p.Weights.Mean[termBias] = (logOdds(math.Exp(-pace)) + shift) / moderation
	m.SetParameters(p)
	random := rand.New(rand.NewPCG(seed, 7))
	const customers = 400
	b := newBusiness(m, customers, 1)
	begin := (epoch/m.Slot() + 1) * m.Slot()
	unit := float64(m.Horizon())
	type coming struct {
		customer uint32
		at       int64
	}
	bySlot := map[int64][]coming{}
	for c := range uint32(customers) {
		at := float64(begin) + random.Float64()*unit/8
		for at < float64(begin)+6*unit {
			bySlot[int64(at)/m.Slot()] = append(bySlot[int64(at)/m.Slot()], coming{c, int64(at)})
			at += random.ExpFloat64() / pace * unit
		}
	}
	var sum Quality
	for slot := begin / m.Slot(); slot < begin/m.Slot()+6*SlotsPerHorizon; slot++ {
		b.draw(slot * m.Slot())
		if slot >= begin/m.Slot()+4*SlotsPerHorizon { // two horizons
			sum.Add(b.sampler.Quality())
		}
		for _, e := range bySlot[slot] {
			b.event(e.customer, e.at, e.at)
		}
	}

	return sum.Calibration(OneTime, Newcomer, Regular, LongSilent)
}

// Of right risks, what came is within the interval about 19 times in 20, though
// the same few customers are judged at every step. Risks that are wrong show.
func TestIntervalsHoldForSimulatedCustomers(t *testing.T) {
	const populations = 20
	within := func(shift float64) (n int) {
		for seed := range uint64(populations) {
			c := simulated(t, seed, shift)
			if c.TooFew || c.Cases > float64(c.Rows)/6 {
				t.Fatalf("%+v", c)
			}
			if c.Low <= c.MeanRisk && c.MeanRisk <= c.High {
				n++
			}
		}

		return n
	}
	if n := within(0); n < populations-3 {
		t.Errorf("%d of %d right models have what came within the interval", n, populations)
	}
	if n := within(0.7); n > 2 {
		t.Errorf("%d of %d wrong models have what came within the interval", n, populations)
	}
}
