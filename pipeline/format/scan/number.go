package scan

import (
	"math"
	"strconv"
	"unsafe"

	"ebb/pipeline/amount"
)

// IsNumber tells a number from the other JSON values by its first byte.
func IsNumber(raw []byte) bool {
	return raw[0] == '-' || IsDigit(raw[0])
}

// IsDigit tells the digits 0 to 9.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// number reads a number.
func (t *Scanner) number(i int) int {
	data := t.Data
	begin := i

	if data[i] == '-' {
		i++
	}

	first := i
	i = digits(data, i)

	if i == first {
		return t.Malformed(begin, "send a JSON value here")
	}

	if data[first] == '0' && i > first+1 {
		return t.Malformed(begin, "write numbers without leading zeros")
	}

	if i < len(data) && data[i] == '.' {
		fraction := i + 1

		if i = digits(data, fraction); i == fraction {
			return t.Malformed(begin, "write digits after the decimal point")
		}
	}

	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		i++

		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}

		exponent := i

		if i = digits(data, exponent); i == exponent {
			return t.Malformed(begin, "write digits in the exponent")
		}
	}

	return i
}

// digits is the first place from i on that is no digit.
func digits(data []byte, i int) int {
	for i < len(data) && IsDigit(data[i]) {
		i++
	}

	return i
}

// ParseAmount is the JSON number s as an amount, cut toward zero. It reports
// false where s is beyond ±amount.Max().
func ParseAmount(s []byte) (amount.Amount, bool) {
	v, ok := amount.ParseBytes(s)
	if !ok || amount.Max().Less(v.Abs()) {
		return amount.Amount{}, false
	}

	return v, true
}

// powersOfTen are exact in 64-bit floating point.
var powersOfTen = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// ParseFloat is the floating-point number nearest to the JSON number s. It
// reports false where s is beyond the largest.
func ParseFloat(s []byte) (float64, bool) {
	if v, ok := parseShortFloat(s); ok {
		return v, true
	}

	// ParseFloat doesn't keep its argument, so it may be a view.
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(s), len(s)), 64)

	return v, err == nil && !math.IsInf(v, 0)
}

// parseShortFloat reads numbers of at most 15 digits without an exponent. Both
// their digits and the power of ten are exact, so one division rounds right
// (Clinger, How to Read Floating Point Numbers Accurately, 1990).
func parseShortFloat(s []byte) (float64, bool) {
	negative := s[0] == '-'
	if negative {
		s = s[1:]
	}

	if len(s) > 16 {
		return 0, false
	}

	mantissa, count, scale := int64(0), 0, 0

	for i, c := range s {
		switch {
		case IsDigit(c):
			mantissa = mantissa*10 + int64(c-'0')
			count++
		case c == '.':
			scale = len(s) - i - 1
		default:
			return 0, false
		}
	}

	if count > 15 {
		return 0, false
	}

	v := float64(mantissa) / powersOfTen[scale]

	if negative {
		v = -v
	}

	return v, true
}
