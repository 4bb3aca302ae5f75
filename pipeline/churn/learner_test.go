package churn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// randomTerms are those of some customer, alike in part, as terms are.
func randomTerms(r *rand.Rand) (steps [features]int8) {
	var v vector
	common := r.NormFloat64()
	for i := range v {
		v[i] = min(max(0.6*common+0.8*r.NormFloat64(), -clipAt), clipAt)
	}

	return v.round()
}

// randomRows are complete, with outcomes by the weights.
func randomRows(r *rand.Rand, n int, weights *[terms]float64) []Row {
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{Terms: randomTerms(r), Elapsed: wholeElapsed, Outcome: Returned}
		x := rows[i].vector()
		if r.Float64() < sigmoid(dot(weights, &x)) {
			rows[i].Outcome = Lost
		}
	}

	return rows
}

// randomWeights may be below 0 in terms that grow, where the model's can't.
func randomWeights(r *rand.Rand, scale float64) (w [terms]float64) {
	for i := range w {
		w[i] = scale * r.NormFloat64()
	}

	return w
}

// randomPosterior is one that is not diagonal, as after some learning.
func randomPosterior(r *rand.Rand) Posterior {
	p := randomPrior(r).Parameters().Weights
	more, _ := randomDefinite(r)
	scale := math.Exp(2 * r.NormFloat64())
	for i, v := range more {
		p.Precision[i] += scale * v
	}

	return p
}

// objective is the logarithm of the posterior density, but for a constant, and
// its gradient, both from their definitions.
func objective(before *Posterior, rows []Row, w *[terms]float64) (value float64, gradient [terms]float64) {
	for i := range terms {
		for j := range terms {
			precision := before.Precision[packed(i, j)]
			value -= precision * (w[i] - before.Mean[i]) * (w[j] - before.Mean[j]) / 2
			gradient[i] -= precision * (w[j] - before.Mean[j])
		}
	}
	for i := range rows {
		z := w[termBias]
		for j, step := range rows[i].Terms {
			z += w[j] * float64(step) / stepsPerDeviation
		}
		label := 0.0
		if rows[i].Outcome == Lost {
			label = 1
		}
		p := 1 / (1 + math.Exp(-z))
		value += rowWeight * (label*z - math.Log1p(math.Exp(-math.Abs(z))) - max(z, 0))
		for j, step := range rows[i].Terms {
			gradient[j] += rowWeight * (label - p) * float64(step) / stepsPerDeviation
		}
		gradient[termBias] += rowWeight * (label - p)
	}

	return value, gradient
}

// climb finds the mode slowly, one weight at a time, each by bisection on its
// slope within its bounds.
func climb(before *Posterior, rows []Row) (w [terms]float64) {
	scores := make([]float64, len(rows))
	column := func(row, i int) float64 {
		if i == termBias {
			return 1
		}

		return float64(rows[row].Terms[i]) / stepsPerDeviation
	}
	for range 3000 {
		largest := 0.0
		for i := range w {
			slope := func(at float64) float64 {
				sum := 0.0
				for j := range terms {
					away := w[j] - before.Mean[j]
					if j == i {
						away = at - before.Mean[j]
					}
					sum -= before.Precision[packed(i, j)] * away
				}
				for row := range rows {
					x := column(row, i)
					sum += rowWeight * (rows[row].Outcome.lost() - sigmoid(scores[row]+(at-w[i])*x)) * x
				}

				return sum
			}
			low, high := w[i]-1, w[i]+1
			if grows[i] {
				low = max(low, 0)
			}
			for high-low > 1e-9 {
				if middle := (low + high) / 2; slope(middle) > 0 {
					low = middle
				} else {
					high = middle
				}
			}
			if grows[i] && high < 1e-8 {
				high = 0
			}
			for row := range rows {
				scores[row] += (high - w[i]) * column(row, i)
			}
			largest = max(largest, math.Abs(high-w[i]))
			w[i] = high
		}
		if largest < 1e-7 {
			break
		}
	}

	return w
}

func TestUpdateAgainstASlowClimb(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	held := 0
	for range 5 {
		before := randomPosterior(random)
		truth := randomWeights(random, 1)
		rows := randomRows(random, 60, &truth)
		got, ok := before.update(rows)
		if !ok {
			t.Fatal("no update")
		}
		want := climb(&before, rows)
		for i := range want {
			if math.Abs(got.Mean[i]-want[i]) > 1e-4 {
				t.Errorf("weight %d is %v, climbed to %v", i, got.Mean[i], want[i])
			}
			if grows[i] && got.Mean[i] == 0 {
				held++
			}
		}
	}
	if held < 2 {
		t.Errorf("only %d weights held at 0: the test has become weak", held)
	}
}

// The conditions of Karush, Kuhn and Tucker say that a concave objective has
// its highest value within bounds: no slope where a weight is free, none
// upwards where it is held.
func TestUpdateIsTheMode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := drawRandom(t)
		before := randomPosterior(random)
		truth := randomWeights(random, rapid.SampledFrom([]float64{0.1, 1, 4}).Draw(t, "scale"))
		rows := randomRows(random, rapid.SampledFrom([]int{1, 10, 100, 2000}).Draw(t, "rows"), &truth)
		got, ok := before.update(rows)
		if !ok {
			t.Fatal("no update")
		}
		value, gradient := objective(&before, rows, &got.Mean)
		for i, slope := range gradient {
			switch {
			case grows[i] && got.Mean[i] < 0:
				t.Fatalf("weight %d is %v", i, got.Mean[i])
			case grows[i] && got.Mean[i] == 0 && slope > 1e-6*float64(len(rows)):
				t.Fatalf("weight %d is held at 0 against the slope %v", i, slope)
			case !(grows[i] && got.Mean[i] == 0) && math.Abs(slope) > 1e-5*(1+float64(len(rows))):
				t.Fatalf("slope of weight %d, which is %v, is %v", i, got.Mean[i], slope)
			}
		}
		if start, _ := objective(&before, rows, &before.Mean); value < start-1e-9 {
			t.Fatalf("the objective fell from %v to %v", start, value)
		}
		// The precision is the curvature there.
		const h = 1e-4
		i := rapid.IntRange(0, terms-1).Draw(t, "i")
		up, down := got.Mean, got.Mean
		up[i] += h
		down[i] -= h
		_, above := objective(&before, rows, &up)
		_, below := objective(&before, rows, &down)
		for j := range terms {
			want := (below[j] - above[j]) / (2 * h)
			if precision := got.Precision[packed(i, j)]; math.Abs(precision-want) > 1e-3*(1+math.Abs(want)) {
				t.Fatalf("precision of %d and %d is %v, want %v", i, j, precision, want)
			}
		}
	})
}

func TestUpdateWithoutRowsKeepsAll(t *testing.T) {
	before := randomPosterior(rand.New(rand.NewPCG(1, 2)))
	if got, ok := before.update(nil); !ok || got != before {
		t.Errorf("%+v became %+v, %v", before, got, ok)
	}
}

// Labels that are drawn with known weights lead to these weights.
func TestLearnRecoversWeights(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	prior := testPrior()
	truth := prior.weights()
	for i := range truth {
		truth[i] += 0.5 * random.NormFloat64()
		if grows[i] {
			truth[i] = math.Abs(truth[i])
		}
	}
	p := prior.Parameters()
	for step := range int64(60) {
		learned, ok := prior.Learn(p, 1000+step, enoughStatistics(), randomRows(random, 500, &truth))
		if !ok {
			t.Fatal("nothing learned")
		}
		p = learned
	}
	var off, offBefore float64
	for i, w := range prior.weights() {
		off += square(p.Weights.Mean[i] - truth[i])
		offBefore += square(w - truth[i])
		if math.Abs(p.Weights.Mean[i]-truth[i]) > 0.3 {
			t.Errorf("weight %d is %v, want %v", i, p.Weights.Mean[i], truth[i])
		}
	}
	if off > offBefore/10 {
		t.Errorf("squared distance to the weights is %v, was %v before", off, offBefore)
	}
	if p.Version != 60 || p.Step != 1059 || p.Trial.lost() || math.Abs(p.Shift) > 0 {
		t.Errorf("version %d, step %d, trial %+v, shift %v", p.Version, p.Step, p.Trial, p.Shift)
	}
}

// enoughStatistics are of a business of which rates can be said.
func enoughStatistics() Statistics {
	return Statistics{
		Customers: 100, Active: 50,
		Repeats: 40 * fixedPoint, RepeatsSq: 200 * fixedPoint,
		Exposure: 5 * fixedPoint, ExposureSq: fixedPoint, RepeatsTime: 8 * fixedPoint,
	}
}

func TestLearnNeedsCustomers(t *testing.T) {
	prior := testPrior()
	before := prior.Parameters()
	truth := before.Weights.Mean
	rows := randomRows(rand.New(rand.NewPCG(1, 1)), 100, &truth)
	if got, ok := prior.Learn(before, 9, Statistics{}, rows); ok || got != before {
		t.Errorf("got %+v, %v from no customers", got, ok)
	}
	got, ok := prior.Learn(before, 9, enoughStatistics(), nil)
	if !ok || got.Rates == before.Rates || got.Version != 1 || got.Step != 9 {
		t.Errorf("got %+v, %v from no rows; want new rates", got, ok)
	}
	for i, w := range before.Weights.Mean {
		if math.Abs(got.Weights.Mean[i]-w) > 1e-12 {
			t.Errorf("weight %d is %v after no rows, was %v", i, got.Weights.Mean[i], w)
		}
	}
}

func TestLearnIsAFunction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := drawRandom(t)
		prior := randomPrior(random)
		before := randomParameters(random, prior)
		truth := randomWeights(random, 1)
		rows := randomRows(random, random.IntN(300), &truth)
		for i := range rows {
			if random.IntN(3) == 0 {
				rows[i].Outcome, rows[i].Elapsed = Outcome(random.IntN(2)), uint8(random.IntN(256))
			}
		}
		kept := slices.Clone(rows)
		step := before.Step + random.Int64N(20) - 2
		a, ok := prior.Learn(before, step, enoughStatistics(), rows)
		b, again := prior.Learn(before, step, enoughStatistics(), rows)
		if a != b || ok != again || !slices.Equal(rows, kept) {
			t.Fatalf("%+v, %v, and then %+v, %v", a, ok, b, again)
		}
		if !ok {
			return
		}
		if err := a.Validate(); err != nil || a.Version != before.Version+1 {
			t.Fatalf("version %d after %d, %v", a.Version, before.Version, err)
		}
		// A model with any newer parameters can use them.
		m := newAnyModel(t, prior)
		m.SetParameters(a)
		if m.parameters != a {
			t.Fatalf("the model did not take %+v", a)
		}
	})
}

func newAnyModel(t *rapid.T, prior *Prior) *Model {
	config := Defaults()
	config.Prior = prior
	m, err := NewModel(config)
	if err != nil {
		t.Fatal(err)
	}

	return m
}

// What is known beyond the prior fades: all is kept at 1, nothing at 0, and in
// between mean and precision are those of a product of both densities.
func TestWeakenPullsToThePrior(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := drawRandom(t)
		prior := randomPrior(random)
		known := randomPosterior(random)
		keep := rapid.Float64Range(0, 1).Draw(t, "keep")
		got := weaken(known, prior, keep)
		at, precision := prior.weights(), prior.precision()

		var a [terms][terms]float64
		var b [terms]float64
		for i := range terms {
			for j := range terms {
				v := known.Precision[packed(i, j)]
				a[i][j] = keep * v
				b[i] += keep * v * known.Mean[j]
				if i == j {
					a[i][i] += (1 - keep) * precision[i]
					b[i] += (1 - keep) * precision[i] * at[i]
				}
			}
		}
		for i, want := range eliminate(a, b) {
			if grows[i] {
				want = max(want, 0)
			}
			if math.Abs(got.Mean[i]-want) > 1e-6*(1+math.Abs(want)) {
				t.Fatalf("weight %d is %v, want %v", i, got.Mean[i], want)
			}
			for j := range terms {
				if v := got.Precision[packed(i, j)]; math.Abs(v-a[i][j]) > 1e-9*(1+math.Abs(v)) {
					t.Fatalf("precision of %d and %d is %v, want %v", i, j, v, a[i][j])
				}
			}
		}
		for i := range known.Mean {
			if grows[i] {
				known.Mean[i] = math.Abs(known.Mean[i])
			}
		}
		for range 300 {
			known = weaken(known, prior, 0.9)
		}
		for i := range at {
			if math.Abs(known.Mean[i]-at[i]) > 1e-6 {
				t.Fatalf("weight %d is %v after a long time, want the prior's %v", i, known.Mean[i], at[i])
			}
		}
	})
}

// incomplete are rows of the average customer, of whom so many are back.
func incomplete(back, waiting int, elapsed uint8) []Row {
	rows := make([]Row, 0, back+waiting)
	for range back {
		rows = append(rows, Row{Outcome: Back, Elapsed: elapsed})
	}
	for range waiting {
		rows = append(rows, Row{Outcome: Waiting, Elapsed: elapsed})
	}

	return rows
}

func TestShiftMovesTheInterceptTheRightWay(t *testing.T) {
	even := [terms]float64{} // half of the average customers are lost
	if shift := shiftOf(&even, 1, nil); shift != 0 {
		t.Errorf("no rows: shift %v", shift)
	}
	if shift := shiftOf(&even, 1, incomplete(0, 500, 0)); shift != 0 {
		t.Errorf("nobody could be back by now: shift %v", shift)
	}
	last := math.Inf(1)
	for back := 0; back <= 500; back += 100 {
		shift := shiftOf(&even, 1, incomplete(back, 500-back, 230))
		if shift >= last {
			t.Errorf("shift %v with %d of 500 back, %v with fewer", shift, back, last)
		}
		last = shift
		if back == 0 && shift < 1 || back == 500 && shift > -1 {
			t.Errorf("shift %v with %d of 500 back", shift, back)
		}
		if math.Abs(shift) > maxShift {
			t.Errorf("shift %v with %d of 500 back, beyond %v", shift, back, maxShift)
		}
	}
	// Of those who come back half would have by now. So a quarter who have says
	// that half will: as was thought.
	if shift := shiftOf(&even, 1e-9, incomplete(2500, 7500, 128)); math.Abs(shift) > 0.02 {
		t.Errorf("all as was thought: shift %v", shift)
	}
	// A vague intercept moves further than a sure one.
	if vague, sure := shiftOf(&even, 0.1, incomplete(200, 0, 100)), shiftOf(&even, 1000, incomplete(200, 0, 100)); vague >= sure || sure >= 0 {
		t.Errorf("shift %v of a vague intercept, %v of a sure one", vague, sure)
	}
}

// The shift solves its equation, and is never beyond its bounds.
func TestShiftAgainstBisection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := drawRandom(t)
		weights := randomWeights(random, rapid.SampledFrom([]float64{0.1, 0.5, 1.5}).Draw(t, "scale"))
		precision := math.Exp(rapid.Float64Range(-2, 5).Draw(t, "precision"))
		rows := make([]Row, random.IntN(1500))
		share := random.Float64()
		for i := range rows {
			rows[i] = Row{Terms: randomTerms(random), Elapsed: uint8(random.IntN(256))}
			if random.Float64() < share {
				rows[i].Outcome = Back
			}
		}
		slope := func(shift float64) float64 {
			sum := -precision * shift
			for i := range rows {
				x := rows[i].vector()
				p := sigmoid(dot(&weights, &x) + shift)
				elapsed := float64(rows[i].Elapsed) / wholeElapsed
				if rows[i].Outcome == Back {
					sum -= shiftWeight * elapsed * p

					continue
				}
				sum += shiftWeight * elapsed * (p/(p+(1-p)*(1-elapsed)) - p)
			}

			return sum
		}
		low, high := -float64(maxShift), float64(maxShift)
		for high-low > 1e-6 {
			if middle := (low + high) / 2; slope(middle) > 0 {
				low = middle
			} else {
				high = middle
			}
		}
		if got := shiftOf(&weights, precision, rows); math.Abs(got-low) > 1e-2 || math.Abs(got) > maxShift {
			t.Fatalf("shift %v, bisected %v", got, low)
		}
	})
}

// flipped are rows of which each outcome is the other one.
func flipped(rows []Row) []Row {
	for i := range rows {
		rows[i].Outcome = Lost + Returned - rows[i].Outcome
	}

	return rows
}

// When outcomes have taught the opposite of what then comes true, the prior is
// used; once learning has caught up, it is used again.
func TestTrialFallsBackToThePriorAndComesBack(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	prior := testPrior()
	truth := prior.weights()
	for i := range truth {
		truth[i] *= 2
	}
	p := prior.Parameters()
	step := int64(1000)
	learn := func(rows []Row) {
		step++
		learned, ok := prior.Learn(p, step, enoughStatistics(), rows)
		if !ok {
			t.Fatalf("step %d: nothing learned", step)
		}
		p = learned
	}
	inUse := func() [terms]float64 {
		m := newModel(t, testConfig())
		m.SetParameters(p)

		return m.weights
	}
	want := newModel(t, testConfig()).weights

	learn(flipped(randomRows(random, 8000, &truth)))
	if p.Trial.lost() {
		t.Fatalf("lost before anything could be compared: %+v", p.Trial)
	}
	if inUse() == want {
		t.Fatal("the prior is used though nothing speaks against learning")
	}
	fell, back := 0, 0
	for i := range 60 {
		learn(randomRows(random, 300, &truth))
		switch {
		case p.Trial.lost():
			if fell == 0 {
				fell = i + 1
			}
			if back > 0 {
				t.Fatalf("fell back again %d steps after the turn", i+1)
			}
			if inUse() != want {
				t.Fatal("the prior is not used though learning does worse")
			}
		case fell > 0 && back == 0:
			back = i + 1
		}
	}
	if fell == 0 || fell > 10 || back == 0 {
		t.Errorf("after the turn, fell back at step %d and came back at %d", fell, back)
	}
	for i, w := range inUse() {
		if math.Abs(w-moderation*truth[i]) > 0.4 {
			t.Errorf("weight %d in use is %v in the end, want about %v", i, w, moderation*truth[i])
		}
	}
}

// Few rows decide nothing.
func TestTrialNeedsRows(t *testing.T) {
	trial := Trial{Rows: trialRows - 1, Learned: 90, Prior: 10}
	if trial.lost() {
		t.Error("lost by too few rows")
	}
	trial.Rows++
	if !trial.lost() {
		t.Error("not lost by enough rows")
	}
	trial.Learned = trial.Prior * 1.04
	if trial.lost() {
		t.Error("lost by a hair")
	}
}

// The errors in the trial are those of the risks that were given, and of those
// that would have been given without what is not in use: the shift was fitted
// to what is.
func TestTrialCountsTheErrorsOfTheModels(t *testing.T) {
	for _, trial := range []Trial{{}, {Rows: 1000, Learned: 300, Prior: 100}} {
		random := rand.New(rand.NewPCG(9, 9))
		prior := testPrior()
		p := randomParameters(random, prior)
		p.Trial = trial
		truth := prior.weights()
		rows := randomRows(random, 50, &truth)
		got := Trial{Rows: 10, Learned: 4, Prior: 8}.extend(prior, &p, rows, 0.5)

		inUse := newModel(t, testConfig())
		inUse.SetParameters(p)
		p.Shift, p.Trial = 0, Trial{Rows: 1000 - trial.Rows, Learned: 300, Prior: 100}
		other := newModel(t, testConfig())
		other.SetParameters(p)
		learned, priors := inUse, other
		if trial.lost() {
			learned, priors = other, inUse
		}
		want := Trial{Rows: 55, Learned: 2, Prior: 4}
		for i := range rows {
			x := rows[i].vector()
			want.Learned += square(rows[i].Outcome.lost() - sigmoid(dot(&learned.weights, &x)))
			want.Prior += square(rows[i].Outcome.lost() - sigmoid(dot(&priors.weights, &x)))
		}
		if math.Abs(got.Learned-want.Learned) > 1e-9 || math.Abs(got.Prior-want.Prior) > 1e-9 || got.Rows != want.Rows {
			t.Errorf("trial lost %v: got %+v, want %+v", trial.lost(), got, want)
		}
	}
}
