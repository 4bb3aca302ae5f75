package amount

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"unsafe"
)

// ErrAmount says that a text is no decimal number, or one beyond 128 bits of
// millionths.
var ErrAmount = errors.New("no amount")

// Parse reads a number of JSON, such as 19.99 or 1.5e3, and cuts what is
// smaller than a millionth toward zero. It reports false for anything else, and
// for what does not fit into an Amount.
func Parse(s string) (Amount, bool) {
	negative := len(s) > 0 && s[0] == '-'
	if negative {
		s = s[1:]
	}
	if v, ok := short(s); ok {
		if negative {
			v = -v
		}

		return Of(v), true
	}
	mantissa, point, ok := split(s)
	if !ok {
		return Amount{}, false
	}
	m, ok := fixed(s[:mantissa], point)
	if !ok || m.hi > math.MaxInt64 {
		return Amount{}, false
	}
	a := Amount{Lo: m.lo, Hi: int64(m.hi)}
	if negative {
		a = a.Neg()
	}

	return a, true
}

// ParseBytes is Parse of bytes.
func ParseBytes(s []byte) (Amount, bool) {
	return Parse(unsafe.String(unsafe.SliceData(s), len(s))) // Parse keeps nothing of it, so it may be a view
}

// short reads the numbers that nearly all are: of at most 18 digits with the
// decimals filled up, and without an exponent.
func short(s string) (int64, bool) {
	v, decimals := int64(0), -1
	if len(s) == 0 || len(s) > 13 || s[0] == '.' || s[0] == '0' && len(s) > 1 && s[1] != '.' {
		return 0, false
	}
	for i := range len(s) {
		switch c := s[i] - '0'; {
		case c <= 9:
			v = v*10 + int64(c)
		case s[i] == '.' && decimals < 0:
			decimals = len(s) - i - 1
		default:
			return 0, false
		}
	}
	switch {
	case decimals < 0:
		return v * Scale, len(s) <= 12
	case decimals == 0 || decimals > 6:
		return 0, false
	}

	return v * [...]int64{1: 100_000, 10_000, 1_000, 100, 10, 1}[decimals], true
}

// split finds how long the mantissa is, and how many of its digits stand before
// the decimal point once the exponent has moved it.
func split(s string) (mantissa int, point int64, ok bool) {
	i := digits(s, 0)
	if i == 0 || i > 1 && s[0] == '0' {
		return 0, 0, false
	}
	point = int64(i)
	if i < len(s) && s[i] == '.' {
		end := digits(s, i+1)
		if end == i+1 {
			return 0, 0, false
		}
		i = end
	}
	mantissa = i
	if i == len(s) {
		return mantissa, point, true
	}
	if s[i] != 'e' && s[i] != 'E' {
		return 0, 0, false
	}
	i++
	below := i < len(s) && s[i] == '-'
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	if i == len(s) || digits(s, i) != len(s) {
		return 0, 0, false
	}
	exponent := int64(0)
	for ; i < len(s); i++ {
		exponent = min(exponent*10+int64(s[i]-'0'), 1<<40) // beyond it makes no difference
	}
	if below {
		exponent = -exponent
	}

	return mantissa, point + exponent, true
}

// fixed are the millionths of the number 0.d₁d₂d₃… × 10^point.
func fixed(mantissa string, point int64) (unsigned, bool) {
	const safe = math.MaxUint64/10 - 1 // another digit fits into 64 bits
	left := point + 6                  // digits before the point, in millionths
	var u unsigned
	for i := 0; i < len(mantissa) && left > 0; i++ {
		if mantissa[i] == '.' {
			continue
		}
		digit := uint64(mantissa[i] - '0')
		left--
		if u.hi == 0 && u.lo < safe {
			u.lo = u.lo*10 + digit

			continue
		}
		var ok bool
		if u, ok = u.next(digit); !ok {
			return unsigned{}, false
		}
	}
	for ; left > 0 && u != (unsigned{}); left-- {
		var ok bool
		if u, ok = u.next(0); !ok {
			return unsigned{}, false
		}
	}

	return u, true
}

// next is ten times the number and a digit.
func (u unsigned) next(digit uint64) (unsigned, bool) {
	over, hi := bits.Mul64(u.hi, 10)
	carry, lo := bits.Mul64(u.lo, 10)
	lo, c := bits.Add64(lo, digit, 0)
	hi, c = bits.Add64(hi, carry, c)

	return unsigned{hi, lo}, over == 0 && c == 0
}

// digits is the first place from i on that is no digit.
func digits(s string, i int) int {
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}

	return i
}

// MarshalJSON writes the amount as a string, such as "19.99": programs that
// read numbers as floating point would lose digits of a number.
func (a Amount) MarshalJSON() ([]byte, error) {
	return append(a.Append([]byte{'"'}), '"'), nil
}

// UnmarshalJSON reads what MarshalJSON writes. The error wraps ErrAmount.
func (a *Amount) UnmarshalJSON(data []byte) error {
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return fmt.Errorf("%w: %s; write a decimal number in quotes, such as \"19.99\"", ErrAmount, data)
	}
	parsed, ok := ParseBytes(data[1 : len(data)-1])
	if !ok {
		return fmt.Errorf("%w: %s; write a decimal number in quotes, such as \"19.99\"", ErrAmount, data)
	}
	*a = parsed

	return nil
}
