package churn

import "math"

// How fast is learned. On purchase, message, course and contribution logs
// these rank and calibrate best on average, within wide margins.
const (
	rowWeight   = 0.8  // rows of one customer, and of one day, are alike
	shiftWeight = 0.25 // of incomplete outcomes, which overlap
	forgetting  = 0.9  // of what is known beyond the prior, a step
	mostHold    = 200  // of the precision with which the shift is held at 0; else what was learned long ago holds it for ever
	mostNewton  = 50   // iterations; it takes fewer than ten, as a rule
	converged   = 1e-7
)

// Learn is one step of learning: new rates and week from the statistics, new
// weights from the rows whose outcome is complete, and a new shift of the
// intercept from those whose outcome is not. It is a function of its arguments
// alone. The version is one more than of p. It reports false where there is
// too little to say; then keep p.
//
// The weights are those of a Bayesian logistic regression. What was known
// beyond the prior is weakened first, because habits change (forgetting as in
// Raftery, Kárný and Ettler 2010, "Online prediction under model uncertainty
// via dynamic model averaging", Technometrics 52); then the posterior is
// approximated by a normal distribution at its mode, found by Newton's method
// (Laplace; MacKay 1992).
func (p *Prior) Learn(before Parameters, step int64, t Statistics, rows []Row) (Parameters, bool) {
	rates, ok := fitRates(&t)
	if !ok {
		return before, false
	}
	next := before
	next.Version++
	next.Step = step
	next.Rates = rates
	if week, ok := fitWeek(t.Week); ok {
		next.Week = week
	}

	steps := int64(1)
	if before.Step > 0 {
		steps = min(max(step-before.Step, 0), maxSteps)
	}
	next.Losses = t.Losses
	complete, incomplete := split(rows)
	next.Trial = before.Trial.extend(p, &before, complete, math.Pow(forgetting, float64(steps)))
	weights := weaken(before.Weights, p, math.Pow(forgetting, float64(steps)))
	if learned, ok := weights.update(complete); ok {
		next.Weights = learned
	}
	mean := next.Weights.Mean
	if next.Trial.lost() {
		mean = p.weights()
	}
	next.Shift = shiftOf(&mean, min(next.Weights.Precision[packed(termBias, termBias)], mostHold), incomplete)
	if next.Validate() != nil {
		return before, false
	}

	return next, true
}

const maxSteps = 1000

func split(rows []Row) (complete, incomplete []Row) {
	for _, r := range rows {
		if r.Outcome.Complete() {
			complete = append(complete, r)
		} else {
			incomplete = append(incomplete, r)
		}
	}

	return complete, incomplete
}

// extend adds the errors of the latest outcomes.
func (t Trial) extend(prior *Prior, learned *Parameters, rows []Row, keep float64) Trial {
	t = Trial{Rows: t.Rows * keep, Learned: t.Learned * keep, Prior: t.Prior * keep}
	own, others := learned.Weights.Mean, prior.weights()
	if learned.Trial.lost() {
		others[termBias] += learned.Shift // it was fitted to the weights in use
	} else {
		own[termBias] += learned.Shift
	}
	for i := range rows {
		x, lost := rows[i].vector(), rows[i].Outcome.lost()
		t.Rows++
		t.Learned += square(lost - sigmoid(moderation*dot(&own, &x)))
		t.Prior += square(lost - sigmoid(moderation*dot(&others, &x)))
	}

	return t
}

func square(x float64) float64 { return x * x }

func dot(w, x *[terms]float64) (sum float64) {
	for i := range w {
		sum += w[i] * x[i]
	}

	return sum
}

// weaken keeps a part of what is known beyond the prior.
func weaken(w Posterior, prior *Prior, keep float64) Posterior {
	known := triangle(w.Precision)
	pull := known.times(&w.Mean)
	at, precision := prior.weights(), prior.precision()
	for i := range known {
		known[i] *= keep
	}
	for i := range terms {
		known[packed(i, i)] += (1 - keep) * precision[i]
		pull[i] = keep*pull[i] + (1-keep)*precision[i]*at[i]
	}
	factor := known
	if !factor.cholesky() {
		return w
	}
	factor.solve(&pull)
	for i := range pull {
		if grows[i] {
			pull[i] = max(pull[i], 0)
		}
	}

	return Posterior{Mean: pull, Precision: known}
}

// update adds rows. A weight of a term that grows in silence is held at 0
// where the data would have it below (an active set method). Steps that lead
// too far, where risks are nearly 0 or 1, are halved until the density grows.
func (w Posterior) update(rows []Row) (Posterior, bool) {
	if len(rows) == 0 {
		return w, true
	}
	prior := triangle(w.Precision)
	mean, height := w.Mean, w.height(&prior, &w.Mean, rows)
	var held [terms]bool
	for range mostNewton {
		curvature, slope := prior, w.slope(&prior, &mean)
		likelihood(rows, &mean, &curvature, &slope)
		step, ok := newton(&curvature, &slope, &mean, &held)
		if !ok {
			return w, false
		}
		part := 1.0
		moved, largest := move(&mean, &step, part)
		higher := w.height(&prior, &moved, rows)
		for ; higher < height && largest > converged; higher = w.height(&prior, &moved, rows) {
			part /= 2
			moved, largest = move(&mean, &step, part)
		}
		mean, height = moved, higher
		if largest < converged {
			break
		}
	}
	curvature, slope := prior, [terms]float64{}
	likelihood(rows, &mean, &curvature, &slope)

	return Posterior{Mean: mean, Precision: [len(w.Precision)]float64(curvature)}, true
}

// move goes a part of a step, within the bounds.
func move(mean, step *[terms]float64, part float64) (moved [terms]float64, largest float64) {
	for i := range mean {
		moved[i] = mean[i] + part*step[i]
		if grows[i] {
			moved[i] = max(moved[i], 0)
		}
		largest = max(largest, math.Abs(moved[i]-mean[i]))
	}

	return moved, largest
}

// height is the logarithm of the density at a mean, but for a constant.
func (w Posterior) height(precision *triangle, at *[terms]float64, rows []Row) float64 {
	slope := w.slope(precision, at)
	sum := 0.0
	for i := range at {
		sum -= slope[i] * (w.Mean[i] - at[i]) / 2
	}
	for r := range rows {
		x := rows[r].vector()
		z := dot(at, &x)
		sum += rowWeight * (rows[r].Outcome.lost()*z - max(z, 0) - math.Log1p(math.Exp(-math.Abs(z))))
	}

	return sum
}

// slope is the gradient of the log prior at a mean.
func (w Posterior) slope(precision *triangle, at *[terms]float64) [terms]float64 {
	var away [terms]float64
	for i := range away {
		away[i] = w.Mean[i] - at[i]
	}

	return precision.times(&away)
}

// likelihood adds the rows' curvature and gradient.
func likelihood(rows []Row, mean *[terms]float64, curvature *triangle, slope *[terms]float64) {
	for r := range rows {
		x := rows[r].vector()
		p := sigmoid(dot(mean, &x))
		pull := rowWeight * (rows[r].Outcome.lost() - p)
		bend := rowWeight * p * (1 - p)
		for i := range terms {
			slope[i] += pull * x[i]
			for j := 0; j <= i; j++ {
				curvature[packed(i, j)] += bend * x[i] * x[j]
			}
		}
	}
}

// newton solves for the step and holds at 0 what would fall below it.
func newton(curvature *triangle, slope, mean *[terms]float64, held *[terms]bool) ([terms]float64, bool) {
	for i := range held {
		held[i] = held[i] && slope[i] <= 0
	}
	for {
		a, step := *curvature, *slope
		for i := range held {
			if held[i] {
				a.without(i)
				step[i] = 0
			}
		}
		if !a.cholesky() {
			return step, false
		}
		a.solve(&step)
		again := false
		for i := range step {
			if grows[i] && !held[i] && mean[i] <= 0 && step[i] < 0 {
				held[i], again = true, true
			}
		}
		if !again {
			return step, true
		}
	}
}

// shiftOf moves the intercept by what outcomes tell that are not complete. Who
// has come back has; who has not yet is lost with the probability p/(p + (1−p)
// (1−F)), where p is the risk and F the share of those coming back who would
// have by now (Chapelle 2014). Every row counts F of a whole one, also of those
// who are back: so at the right risk the pulls of both cancel,
// p(1−p)F² against p(1−p)F², and the shift has no bias.
func shiftOf(mean *[terms]float64, precision float64, rows []Row) float64 {
	scores := make([]float64, len(rows))
	for i := range rows {
		x := rows[i].vector()
		scores[i] = dot(mean, &x)
	}
	shift := 0.0
	for range mostNewton {
		slope, bend := -precision*shift, precision
		for i := range rows {
			p := sigmoid(scores[i] + shift)
			lost, weight := 0.0, float64(rows[i].Elapsed)/wholeElapsed
			if !rows[i].Outcome.back() {
				lost = p / (p + (1-p)*(1-weight))
			}
			weight *= shiftWeight
			slope += weight * (lost - p)
			bend += weight * p * (1 - p)
		}
		move := slope / bend
		shift += move
		if math.Abs(move) < converged {
			break
		}
	}

	return min(max(shift, -maxShift), maxShift)
}
