package churn

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// Businesses whose weights are spread around known ones lead to these, and to
// about their spread.
func TestFitPriorRecoversWeights(t *testing.T) {
	const businesses, spread = 30, 0.3
	random := rand.New(rand.NewPCG(1, 2))
	wide := WidePrior()
	mean := wide.weights()
	for i := range mean {
		mean[i] = 0.5 + 0.3*random.Float64() // far enough from 0 for those bounded there
	}
	mean[termBias] = -0.5
	logs := make([][]Row, businesses)
	for b := range logs {
		weights := mean
		for i := range weights {
			weights[i] += spread * random.NormFloat64()
		}
		logs[b] = randomRows(random, 900, &weights)
	}
	prior, err := FitPrior(wide, logs)
	if err != nil {
		t.Fatal(err)
	}
	if err := prior.Validate(); err != nil {
		t.Fatal(err)
	}
	if again, err := FitPrior(wide, logs); err != nil || *again != *prior {
		t.Errorf("the same rows gave %+v, then %+v, error %v", prior, again, err)
	}
	for i, term := range append(prior.Terms[:], prior.Bias) {
		scale := 1.0
		if i < features {
			scale = wide.Terms[i].Deviation / term.Deviation
		}
		if off := term.Weight*scale - mean[i]; i < features && math.Abs(off) > 0.25 {
			t.Errorf("weight of %s is %v, want %v", term.Name, term.Weight*scale, mean[i])
		}
		if s := term.Spread * scale; s < 0.1 || s > 0.9 {
			t.Errorf("spread of %s is %v, want about %v", term.Name, s, spread)
		}
		if i < features && (math.Abs(scale-1) > 0.1 || math.Abs(term.Mean-wide.Terms[i].Mean) > 0.1*wide.Terms[i].Deviation) {
			t.Errorf("%s has mean %v and deviation %v, want %v and %v", term.Name, term.Mean, term.Deviation, wide.Terms[i].Mean, wide.Terms[i].Deviation)
		}
	}
}

func TestFitPriorRefuses(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var weights [terms]float64
	enough := randomRows(random, fewestPerFit, &weights)
	for name, logs := range map[string][][]Row{
		"nothing":      nil,
		"one business": {enough},
		"too few rows": {enough, enough[1:]},
	} {
		if _, err := FitPrior(WidePrior(), logs); !errors.Is(err, ErrPrior) {
			t.Errorf("%s: got error %v, want ErrPrior", name, err)
		}
	}
	if _, err := FitPrior(WidePrior(), [][]Row{enough, enough}); err != nil {
		t.Error(err)
	}
}
