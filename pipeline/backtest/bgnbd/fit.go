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
	logs := make([]float64, len(sample.times))
	at, least := minimize(func(v point) float64 { return -sample.logLikelihood(parametersAt(v), logs) }, pointOf(start))

	return Fitted{Parameters: parametersAt(at), LogLikelihood: -least, Customers: len(histories)}, nil
}

// The search runs over logarithms, so that parameters stay above 0.
func pointOf(p Parameters) point {
	return point{math.Log(p.R), math.Log(p.Alpha), math.Log(p.A), math.Log(p.B)}
}

func parametersAt(v point) Parameters {
	return Parameters{R: math.Exp(v[0]), Alpha: math.Exp(v[1]), A: math.Exp(v[2]), B: math.Exp(v[3])}
}

// sample is histories in an order of their own, each distinct one once, and
// their times, each distinct one once: these are few where they are counted by
// the day, and each of their logarithms is taken once.
type sample struct {
	distinct  []counted
	times     []float64 // ascending
	repeaters int
	meanAge   float64
}

type counted struct {
	History
	customers float64
	last, age int // in times
}

func group(histories []History) sample {
	var s sample
	for _, h := range slices.SortedFunc(slices.Values(histories), compareHistories) {
		if n := len(s.distinct); n > 0 && s.distinct[n-1].History == h {
			s.distinct[n-1].customers++
		} else {
			s.distinct = append(s.distinct, counted{History: h, customers: 1})
		}
		if h.Repeats > 0 {
			s.repeaters++
		}
		s.meanAge += h.Age / float64(len(histories))
	}
	for i := range s.distinct {
		s.times = append(s.times, s.distinct[i].Last, s.distinct[i].Age)
	}
	slices.Sort(s.times)
	s.times = slices.Compact(s.times)
	for i := range s.distinct {
		h := &s.distinct[i]
		h.last, _ = slices.BinarySearch(s.times, h.Last)
		h.age, _ = slices.BinarySearch(s.times, h.Age)
	}

	return s
}

// logLikelihood writes to logs, as many as times.
func (s *sample) logLikelihood(p Parameters, logs []float64) float64 {
	for i, t := range s.times {
		logs[i] = math.Log(p.Alpha + t)
	}
	var sum float64
	var part repeated
	repeats := -1
	for i := range s.distinct {
		h := &s.distinct[i]
		if h.Repeats != repeats {
			repeats = h.Repeats
			part = p.part(repeats)
		}
		sum += h.customers * (part.all + part.rest(logs[h.last], logs[h.age]))
	}

	return sum
}
