package churn

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// How a prior is fitted.
const (
	fitRows       = 3000 // of one business, evenly drawn, so that none outweighs the others
	fitRounds     = 3
	leastScale    = 0.1 // of a term's deviation
	fewestPerFit  = 200
	fewestToFit   = 2
	fewestTelling = 3 // of the businesses, of a term
	priorDecimals = 1e3
)

// ErrPrior says that a prior can't be fitted.
var ErrPrior = errors.New("churn: no prior can be fitted")

// WidePrior is a prior whose terms are clipped at twice as many deviations:
// rows for FitPrior are taken with it, so that they still tell the scales.
func WidePrior() *Prior {
	wide := *ShippedPrior()
	for i := range wide.Terms {
		wide.Terms[i].Deviation *= 2
	}

	return &wide
}

// FitPrior fits a prior to complete rows of several businesses that were drawn
// with the prior wide. Scales are those of all rows, each business with the
// same say. Weights are normal between businesses (empirical Bayes by
// expectation maximization: Gelman and others 2013, "Bayesian data analysis",
// chapter 5): each business has its own, drawn to the common mean as far as
// its rows say little.
func FitPrior(wide *Prior, businesses [][]Row) (*Prior, error) {
	if len(businesses) < fewestToFit {
		return nil, fmt.Errorf("%w: there are %d businesses, want %d or more", ErrPrior, len(businesses), fewestToFit)
	}
	for i, rows := range businesses {
		if len(rows) < fewestPerFit {
			return nil, fmt.Errorf("%w: business %d has %d rows, want %d or more", ErrPrior, i, len(rows), fewestPerFit)
		}
	}
	prior := scales(wide, businesses)
	quiet := unheard(businesses)
	scaled := make([][]Row, len(businesses))
	for i, rows := range businesses {
		scaled[i] = rescale(wide, prior, even(rows, fitRows))
	}
	for i := range prior.Terms {
		prior.Terms[i].Weight, prior.Terms[i].Spread = 0, 1
	}
	prior.Bias = PriorTerm{Name: wide.Bias.Name, Deviation: 1, Spread: 1}
	for range fitRounds {
		if err := prior.maximize(scaled); err != nil {
			return nil, err
		}
	}
	prior.keep(quiet)
	prior.roundOff()

	return prior, nil
}

// maximize is one round: each business's weights given the prior, then the
// prior given these.
func (p *Prior) maximize(businesses [][]Row) error {
	var sum, squares [terms]float64
	fits := make([]Posterior, len(businesses))
	for i, rows := range businesses {
		fit, ok := p.Parameters().Weights.update(rows)
		if !ok {
			return fmt.Errorf("%w: the weights of business %d can't be solved for", ErrPrior, i)
		}
		fits[i] = fit
		for j, w := range fit.Mean {
			sum[j] += w
		}
	}
	n := float64(len(businesses))
	for i := range fits {
		factor := triangle(fits[i].Precision)
		if !factor.cholesky() {
			return fmt.Errorf("%w: the weights of business %d are not sure", ErrPrior, i)
		}
		for j := range terms {
			var unit [terms]float64
			unit[j] = 1
			factor.solve(&unit)
			squares[j] += unit[j] + square(fits[i].Mean[j]-sum[j]/n)
		}
	}
	for j := range p.Terms {
		p.Terms[j].Weight, p.Terms[j].Spread = sum[j]/n, math.Sqrt(squares[j]/n)
	}
	p.Bias.Weight, p.Bias.Spread = sum[termBias]/n, math.Sqrt(squares[termBias]/n)

	return nil
}

// scales are the means and deviations of the terms.
func scales(wide *Prior, businesses [][]Row) *Prior {
	prior := *wide
	n := float64(len(businesses))
	for i := range prior.Terms {
		var mean, squares float64
		for _, rows := range businesses {
			for r := range rows {
				x := wide.raw(&rows[r], i)
				mean += x / float64(len(rows)) / n
				squares += x * x / float64(len(rows)) / n
			}
		}
		prior.Terms[i].Mean = mean
		prior.Terms[i].Deviation = max(math.Sqrt(max(squares-mean*mean, 0)), leastScale)
	}

	return &prior
}

// unheard are the terms of which too few businesses have anything to tell,
// such as ratings where nobody rates: those few are no sample of businesses.
func unheard(businesses [][]Row) (quiet [features]bool) {
	for i := range quiet {
		telling := 0
		for _, rows := range businesses {
			if slices.ContainsFunc(rows, func(r Row) bool { return r.Terms[i] != rows[0].Terms[i] }) {
				telling++
			}
		}
		quiet[i] = telling < min(fewestTelling, len(businesses))
	}

	return quiet
}

// keep takes what the shipped prior says of the quiet terms.
func (p *Prior) keep(quiet [features]bool) {
	for i := range quiet {
		if quiet[i] {
			p.Terms[i] = ShippedPrior().Terms[i]
		}
	}
}

// raw is a term before it was standardized.
func (p *Prior) raw(r *Row, term int) float64 {
	return float64(r.Terms[term])/stepsPerDeviation*p.Terms[term].Deviation + p.Terms[term].Mean
}

func rescale(from, to *Prior, rows []Row) []Row {
	scaled := make([]Row, len(rows))
	for r := range rows {
		var v vector
		for i := range v {
			x := (from.raw(&rows[r], i) - to.Terms[i].Mean) / to.Terms[i].Deviation
			v[i] = min(max(x, -clipAt), clipAt)
		}
		scaled[r] = rows[r]
		scaled[r].Terms = v.round()
	}

	return scaled
}

// even takes at most n rows, evenly spaced.
func even(rows []Row, n int) []Row {
	if len(rows) <= n {
		return rows
	}
	taken := make([]Row, n)
	for i := range taken {
		taken[i] = rows[i*len(rows)/n]
	}

	return taken
}

func (p *Prior) roundOff() {
	for i := range p.Terms {
		p.Terms[i].roundOff()
	}
	p.Bias.roundOff()
}

func (t *PriorTerm) roundOff() {
	for _, v := range [...]*float64{&t.Mean, &t.Deviation, &t.Weight, &t.Spread} {
		*v = math.Round(*v*priorDecimals) / priorDecimals
	}
}
