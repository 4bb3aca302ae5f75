package churn

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Parameters are everything that the stream has taught: how often customers
// come, when in the week, and the weights of the terms. The coordinator makes
// them, and every shard uses the same: those that others are Before give way to
// these, so that the order in which they are read makes no difference. Their
// JSON is exact: what is read has the same bits as what was written.
type Parameters struct {
	Version uint64    `json:"version"` // 0 is the prior
	Step    int64     `json:"step"`    // learning step that they follow; see Model.Step
	Rates   Rates     `json:"rates"`
	Week    Week      `json:"week"`
	Weights Posterior `json:"weights"`
	Shift   float64   `json:"shift"` // of the intercept, from outcomes that are not complete yet
	Trial   Trial     `json:"trial"`

	// Losses are those lately, where thresholds follow them.
	Losses Losses `json:"losses,omitzero"`
}

// Week is the activity in each hour of the week, Monday 00:00 UTC first, over
// the mean hour's.
type Week [hoursPerWeek]float64

const hoursPerWeek = 168

func evenWeek() (w Week) {
	for i := range w {
		w[i] = 1
	}

	return w
}

// hourOfWeek of a time; the epoch was a Thursday.
func hourOfWeek(t int64) int64 { return (t/hour + 72) % hoursPerWeek }

// Posterior is what is known of the weights: a normal distribution.
type Posterior struct {
	Mean      [terms]float64                   `json:"mean"`
	Precision [terms * (terms + 1) / 2]float64 `json:"precision"` // lower triangle by rows
}

// Trial compares what was learned with the prior, on outcomes that neither had
// seen: sums of squared errors, of which every learning step fades those before
// it. Where learning does worse, the prior is used until it does better.
type Trial struct {
	Rows    float64 `json:"rows"`
	Learned float64 `json:"learned"`
	Prior   float64 `json:"prior"`
}

const (
	trialRows   = 100  // fewer tell nothing
	trialMargin = 1.05 // the learned error may be this much larger
)

// lost says whether learning has made risks worse.
func (t Trial) lost() bool { return t.Rows >= trialRows && t.Learned > trialMargin*t.Prior }

// Parameters are the prior's, before anything was learned.
func (p *Prior) Parameters() Parameters {
	posterior := Posterior{Mean: p.weights()}
	for i, v := range p.precision() {
		posterior.Precision[packed(i, i)] = v
	}

	return Parameters{Rates: priorRates(), Week: evenWeek(), Weights: posterior}
}

// Bounds of what is learned; the intercept is a weight too.
const (
	maxWeight = 20
	maxShift  = 4
	maxWeek   = hoursPerWeek
)

// Validate names the first value that can't be used.
func (p *Parameters) Validate() error {
	if err := p.Rates.validate(); err != nil {
		return err
	}
	for i, w := range p.Week {
		if !(w > 0 && w <= maxWeek) {
			return fmt.Errorf("churn: activity of hour %d of the week is %v; it has to be above 0 and at most %v", i, w, maxWeek)
		}
	}
	for i, w := range p.Weights.Mean {
		if !(math.Abs(w) <= maxWeight) {
			return fmt.Errorf("churn: weight %d is %v; it has to be from -%v to %v", i, w, maxWeight, maxWeight)
		}
		if grows[i] && w < 0 {
			return fmt.Errorf("churn: weight %d is %v; terms that grow in silence have none below 0", i, w)
		}
		if !(p.Weights.Precision[packed(i, i)] > 0) {
			return fmt.Errorf("churn: precision of weight %d is %v; it has to be above 0", i, p.Weights.Precision[packed(i, i)])
		}
	}
	if err := p.Losses.validate(); err != nil {
		return err
	}
	if !(math.Abs(p.Shift) <= maxShift) {
		return fmt.Errorf("churn: shift is %v; it has to be from -%v to %v", p.Shift, maxShift, maxShift)
	}

	return nil
}

// Before says whether q replaces p: q has a higher Version or, because several
// coordinators may have answered the same question from other reports, the same
// Version and comes later in a total order of all else: by Step, Shift, Rates,
// mean and precision of the Weights, Week, Trial and Losses. What it prefers means
// nothing, but everybody prefers the same. None are before themselves.
func (p *Parameters) Before(q *Parameters) bool {
	return cmp.Or(
		cmp.Compare(p.Version, q.Version),
		cmp.Compare(p.Step, q.Step),
		cmp.Compare(p.Shift, q.Shift),
		cmp.Compare(p.Rates.Shape, q.Rates.Shape),
		cmp.Compare(p.Rates.Rate, q.Rates.Rate),
		slices.Compare(p.Weights.Mean[:], q.Weights.Mean[:]),
		slices.Compare(p.Weights.Precision[:], q.Weights.Precision[:]),
		slices.Compare(p.Week[:], q.Week[:]),
		cmp.Compare(p.Trial.Rows, q.Trial.Rows),
		cmp.Compare(p.Trial.Learned, q.Trial.Learned),
		cmp.Compare(p.Trial.Prior, q.Trial.Prior),
		slices.Compare(p.Losses.Early[:], q.Losses.Early[:]),
		slices.Compare(p.Losses.Late[:], q.Losses.Late[:]),
		slices.CompareFunc(p.Losses.Usual[:], q.Losses.Usual[:], func(a, b UsualRisk) int {
			return cmp.Or(cmp.Compare(a.Customers, b.Customers), cmp.Compare(a.Risk, b.Risk))
		}),
	) < 0
}

// same says whether both give the same risks and thresholds.
func (p *Parameters) same(q *Parameters) bool {
	return p.Losses == q.Losses && p.Rates == q.Rates && p.Week == q.Week && p.Weights.Mean == q.Weights.Mean && p.Shift == q.Shift && p.Trial.lost() == q.Trial.lost()
}

// packed is the place of row i and column j in a lower triangle by rows.
func packed(i, j int) int {
	if i < j {
		i, j = j, i
	}

	return i*(i+1)/2 + j
}
