package bgnbd

import (
	"errors"
	"math"
	"slices"
)

// ErrTooFew says that histories say nothing of how customers come back.
var ErrTooFew = errors.New("bgnbd: fewer than 10 customers have come back; nothing can be fitted")

// fewestRepeaters is how many customers have to have come back for a fit.
const fewestRepeaters = 10

// Fitted is the result of a fit.
type Fitted struct {
	Parameters
	LogLikelihood float64
	Customers     int
}

// Fit finds the parameters of the greatest likelihood, beginning at start or,
// where that is zero, at R = A = B = 1 and Alpha the mean age. The error is
// ErrTooFew.
func Fit(histories []History, start Parameters) (Fitted, error) {
	sample := group(histories)
	if sample.repeaters < fewestRepeaters {
		return Fitted{}, ErrTooFew
	}
	if start == (Parameters{}) {
		start = Parameters{R: 1, Alpha: max(sample.meanAge, math.SmallestNonzeroFloat32), A: 1, B: 1}
	}
	at, least := minimize(func(v point) float64 { return -sample.logLikelihood(parametersAt(v)) }, pointOf(start))

	return Fitted{Parameters: parametersAt(at), LogLikelihood: -least, Customers: len(histories)}, nil
}

// The search runs over logarithms, so that parameters stay above 0.
func pointOf(p Parameters) point {
	return point{math.Log(p.R), math.Log(p.Alpha), math.Log(p.A), math.Log(p.B)}
}

func parametersAt(v point) Parameters {
	return Parameters{R: math.Exp(v[0]), Alpha: math.Exp(v[1]), A: math.Exp(v[2]), B: math.Exp(v[3])}
}

// sample is histories in an order of their own, each distinct one once.
type sample struct {
	distinct  []counted
	repeaters int
	meanAge   float64
}

type counted struct {
	History
	customers float64
}

func group(histories []History) sample {
	var s sample
	for _, h := range slices.SortedFunc(slices.Values(histories), compareHistories) {
		if n := len(s.distinct); n > 0 && s.distinct[n-1].History == h {
			s.distinct[n-1].customers++
		} else {
			s.distinct = append(s.distinct, counted{h, 1})
		}
		if h.Repeats > 0 {
			s.repeaters++
		}
		s.meanAge += h.Age / float64(len(histories))
	}

	return s
}

func (s sample) logLikelihood(p Parameters) float64 {
	var sum, part float64
	repeats := -1
	for i := range s.distinct {
		h := &s.distinct[i]
		if h.Repeats != repeats {
			repeats = h.Repeats
			part = p.part(repeats)
		}
		sum += h.customers * (part + p.rest(h.History))
	}

	return sum
}
