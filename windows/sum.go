package windows

import (
	"math"
	"math/bits"
)

// sum is a 128-bit two's complement integer. Sums of int64 values in it cannot
// overflow below 2^63 of them, so adding and taking away commute whatever the
// order, which a saturating or a failing int64 sum would not.
type sum struct {
	lo uint64
	hi int64
}

func (s *sum) add(v int64) {
	lo, carry := bits.Add64(s.lo, uint64(v), 0)
	s.lo = lo
	s.hi += v>>63 + int64(carry)
}

func (s *sum) plus(o sum) {
	lo, carry := bits.Add64(s.lo, o.lo, 0)
	s.lo = lo
	s.hi += o.hi + int64(carry)
}

func (s *sum) minus(o sum) {
	lo, borrow := bits.Sub64(s.lo, o.lo, 0)
	s.lo = lo
	s.hi -= o.hi + int64(borrow)
}

// narrow reports whether the sum fits an int64.
func (s *sum) narrow() bool { return s.hi == int64(s.lo)>>63 }

// clamp is the sum, or the nearest int64.
func (s *sum) clamp() int64 {
	switch {
	case s.narrow():
		return int64(s.lo)
	case s.hi < 0:
		return math.MinInt64
	default:
		return math.MaxInt64
	}
}
