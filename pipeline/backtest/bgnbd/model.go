package bgnbd

import (
	"cmp"
	"math"
)

// History is what the model uses of one customer.
type History struct {
	Repeats int     // x: events after the first
	Last    float64 // t_x: from the first event to the last
	Age     float64 // T: from the first event to now, at least Last
}

func compareHistories(h, i History) int {
	return cmp.Or(cmp.Compare(h.Repeats, i.Repeats), cmp.Compare(h.Last, i.Last), cmp.Compare(h.Age, i.Age))
}

// Parameters of the population, all above 0. While customers stay, they come
// at a rate that differs between them as a gamma(R, rate Alpha) distribution;
// after every repeat they leave for good with a probability that differs
// between them as a beta(A, B) distribution.
type Parameters struct {
	R     float64 `json:"r"`
	Alpha float64 `json:"alpha"` // in units of time
	A     float64 `json:"a"`
	B     float64 `json:"b"`
}

// LogLikelihood of the histories, the sum of equation (6) of the paper.
func (p Parameters) LogLikelihood(histories []History) float64 {
	s := group(histories)

	return s.logLikelihood(p, make([]float64, len(s.times)))
}

// repeated is what the likelihood has of x alone.
type repeated struct {
	all   float64 // of every customer
	k     float64 // R + x
	leave float64 // ln(A / (B + x − 1)), where there are repeats
	none  bool    // there are none
}

func (p Parameters) part(repeats int) repeated {
	x := float64(repeats)
	part := repeated{
		all: lgamma(p.R+x) - lgamma(p.R) + p.R*math.Log(p.Alpha) +
			lgamma(p.A+p.B) + lgamma(p.B+x) - lgamma(p.B) - lgamma(p.A+p.B+x),
		k:    p.R + x,
		none: repeats == 0,
	}
	if !part.none {
		part.leave = math.Log(p.A / (p.B + x - 1))
	}

	return part
}

// rest is what the likelihood has of the times: those of a customer who is
// there still, and of one who left after the last event. It takes ln(Alpha + t)
// of the last event and of the age.
func (r *repeated) rest(last, age float64) float64 {
	stayed := -r.k * age
	if r.none {
		return stayed
	}
	left := r.leave - r.k*last
	most := max(stayed, left)

	return most + math.Log1p(math.Exp(min(stayed, left)-most))
}

// Alive is the probability that the customer has not left for good. It is 1
// where there are no repeats.
func (p Parameters) Alive(h History) float64 {
	if h.Repeats == 0 {
		return 1
	}
	k := p.R + float64(h.Repeats)
	odds := p.A / (p.B + float64(h.Repeats) - 1) * math.Exp(k*math.Log((p.Alpha+h.Age)/(p.Alpha+h.Last)))

	return 1 / (1 + odds)
}

// None is the probability of no event in the span from now on: the customer
// has left, or stays and happens not to come, where the rate of one who stays
// is gamma(R + x, Alpha + T).
func (p Parameters) None(h History, span float64) float64 {
	k := p.R + float64(h.Repeats)
	quiet := math.Exp(-k * math.Log1p(span/(p.Alpha+h.Age)))

	return 1 - p.Alive(h)*(1-quiet)
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x) // the arguments are above 0

	return v
}
