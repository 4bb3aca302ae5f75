package windows

import "math/bits"

// Sum is a 128-bit two's complement integer. Sums of values below 2^80 in
// magnitude cannot overflow below 2^47 of them, so adding and taking away
// commute whatever the order, which a saturating or a failing sum would not.
type Sum struct {
	Lo uint64
	Hi int64
}

// SumOf is the sum of one value.
func SumOf(v int64) Sum { return Sum{Lo: uint64(v), Hi: v >> 63} }

func (s *Sum) plus(o Sum) {
	lo, carry := bits.Add64(s.Lo, o.Lo, 0)
	s.Lo = lo
	s.Hi += o.Hi + int64(carry)
}

func (s *Sum) minus(o Sum) {
	lo, borrow := bits.Sub64(s.Lo, o.Lo, 0)
	s.Lo = lo
	s.Hi -= o.Hi + int64(borrow)
}

// narrow reports whether the sum fits an int64.
func (s *Sum) narrow() bool { return s.Hi == int64(s.Lo)>>63 }
