package silence_test

import (
	"math"
	"math/rand/v2"

	"ebb/pipeline/silence"
)

const (
	step  = silence.StepLength
	hour  = 12 * step
	day   = 24 * hour
	week  = 7 * day
	begin = 20_000 * day // a Friday in 2024
)

// source is how many events a step holds that begins at a time.
type source func(at int64) uint32

// run feeds a watch of one channel from one time to another and returns the
// changes of the whole.
func run(w *silence.Watch, from, to int64, events source) []silence.Change {
	var changes []silence.Change
	for at := from; at < to; at += step {
		for range events(at) {
			w.Count(0)
		}
		changes = append(changes, walk(w, at+step)...)
	}

	return changes
}

// walk moves the clock, and returns the changes of the whole.
func walk(w *silence.Watch, now int64) []silence.Change {
	var changes []silence.Change
	for {
		if _, ok := w.Next(now); !ok {
			return changes
		}
		for _, change := range w.Close() {
			if change.Channel == silence.Whole {
				changes = append(changes, change)
			}
		}
	}
}

// started is a watch whose first step begins at a time.
func started(config silence.Config, from int64) *silence.Watch {
	w := silence.New(config, 1)
	w.Next(from)

	return w
}

// rhythmOf is the rate of a day with a night and of a week with a weekend,
// as a share of the greatest.
func rhythmOf(at int64) float64 {
	rate := 0.02 + 0.98*math.Pow(math.Sin(math.Pi*float64(at%day)/float64(day)), 2)
	if d := at / day % 7; d == 1 || d == 2 {
		rate *= 0.15
	}

	return rate
}

// poisson draws by multiplying uniforms, in parts that don't underflow.
func poisson(r *rand.Rand, mean float64) uint32 {
	n := uint32(0)
	for mean > 30 {
		n += poisson(r, 30)
		mean -= 30
	}
	for p := r.Float64(); p > math.Exp(-mean); p *= r.Float64() {
		n++
	}

	return n
}

// gamma draws with the given shape and mean 1 (Marsaglia and Tsang, 2000).
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * (shape + 1) / shape * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	for {
		x := r.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v / shape
		}
	}
}

// sessions are visits of a geometric number of events over some steps, at a
// rate of events.
type sessions struct {
	r      *rand.Rand
	rate   func(at int64) float64 // events a step
	size   float64                // events of a visit
	length int                    // steps of a visit
	ahead  []uint32
}

func (s *sessions) next(at int64) uint32 {
	if s.ahead == nil {
		s.ahead = make([]uint32, s.length)
	}
	for range poisson(s.r, s.rate(at)/s.size) {
		for n := 1; ; n++ {
			s.ahead[s.r.IntN(s.length)]++
			if s.r.Float64() < 1/s.size {
				break
			}
		}
	}
	n := s.ahead[0]
	copy(s.ahead, s.ahead[1:])
	s.ahead[s.length-1] = 0

	return n
}
