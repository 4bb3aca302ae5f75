// Package amount holds amounts of money: whole millionths of a currency in 128
// bits, so that they add up without rounding at any size that occurs.
//
// It promises that Append and Parse are exact and read each other back. It does
// not know currencies: whoever adds up amounts knows that they share one. It
// imports nothing of ours. Read amount.go first, then parse.go.
package amount

import (
	"math"
	"math/bits"
	"strconv"
)

// Scale is how many millionths are one unit of a currency.
const Scale = 1_000_000

// Amount is an amount in millionths, a 128-bit two's complement integer. The
// zero Amount is nothing.
type Amount struct {
	Lo uint64
	Hi int64
}

// Of is the amount of so many millionths.
func Of(millionths int64) Amount { return Amount{Lo: uint64(millionths), Hi: millionths >> 63} }

// Max is the largest magnitude of one event's amount, included: 10^18 units,
// which is 10^24 millionths. More than 10^14 of them add up within 128 bits.
func Max() Amount { return Amount{Hi: 0xd3c2, Lo: 0x1bcecceda1000000} }

// Sign is -1, 0 or 1.
func (a Amount) Sign() int {
	switch {
	case a.Hi < 0:
		return -1
	case a == Amount{}:
		return 0
	}

	return 1
}

// Neg is the amount with the other sign.
func (a Amount) Neg() Amount {
	lo, borrow := bits.Sub64(0, a.Lo, 0)

	return Amount{Lo: lo, Hi: -a.Hi - int64(borrow)}
}

// Abs is the amount without its sign.
func (a Amount) Abs() Amount {
	if a.Hi < 0 {
		return a.Neg()
	}

	return a
}

// Add is the sum of two amounts.
func (a Amount) Add(b Amount) Amount {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)

	return Amount{Lo: lo, Hi: a.Hi + b.Hi + int64(carry)}
}

// Less says whether a is below b.
func (a Amount) Less(b Amount) bool { return a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo }

// Units is the amount in units of the currency, rounded to floating point.
func (a Amount) Units() float64 {
	if a.Hi == int64(a.Lo)>>63 {
		return float64(int64(a.Lo)) / Scale
	}
	m := a.magnitude()
	v := (math.Ldexp(float64(m.hi), 64) + float64(m.lo)) / Scale
	if a.Hi < 0 {
		return -v
	}

	return v
}

// Append appends the amount in units of the currency, as a decimal number with
// as many of six decimals as it needs. It is a number of JSON, too.
func (a Amount) Append(dst []byte) []byte {
	m := a.magnitude()
	if a.Hi < 0 {
		dst = append(dst, '-')
	}
	if m.hi == 0 {
		dst = strconv.AppendUint(dst, m.lo/Scale, 10)

		return appendFraction(dst, m.lo%Scale)
	}
	units, fraction := m.divide(Scale)
	if units.hi == 0 {
		return appendFraction(strconv.AppendUint(dst, units.lo, 10), fraction)
	}
	const digits, power = 19, 10_000_000_000_000_000_000
	high, low := units.divide(power) // high has 14 digits at most
	dst = strconv.AppendUint(dst, high.lo, 10)
	for n := decimals(low); n < digits; n++ {
		dst = append(dst, '0')
	}

	return appendFraction(strconv.AppendUint(dst, low, 10), fraction)
}

// String is what Append appends.
func (a Amount) String() string { return string(a.Append(nil)) }

// appendFraction appends millionths after the decimal point, without zeros at
// the end.
func appendFraction(dst []byte, millionths uint64) []byte {
	if millionths == 0 {
		return dst
	}
	dst = append(dst, '.')
	for unit := uint64(Scale) / 10; millionths > 0; unit /= 10 {
		dst = append(dst, byte('0'+millionths/unit))
		millionths %= unit
	}

	return dst
}

// decimals is how many digits n has.
func decimals(n uint64) int {
	count := 1
	for ; n >= 10; n /= 10 {
		count++
	}

	return count
}

// unsigned is a 128-bit number without a sign.
type unsigned struct{ hi, lo uint64 }

func (a Amount) magnitude() unsigned {
	if a.Hi >= 0 {
		return unsigned{uint64(a.Hi), a.Lo}
	}
	lo, borrow := bits.Sub64(0, a.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(a.Hi), borrow)

	return unsigned{hi, lo}
}

// divide is the quotient and the rest.
func (u unsigned) divide(by uint64) (unsigned, uint64) {
	hi, rest := u.hi/by, u.hi%by
	lo, rest := bits.Div64(rest, u.lo, by)

	return unsigned{hi, lo}, rest
}
