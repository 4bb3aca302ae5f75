package amount

import "math/bits"

// Times is the product of two numbers in millionths, cut toward zero: a price
// and a quantity. It reports false beyond Max, and where a factor is beyond 18
// trillion.
func (a Amount) Times(b Amount) (Amount, bool) {
	x, y := a.magnitude(), b.magnitude()
	if x.hi|y.hi != 0 {
		return Amount{}, false
	}
	hi, lo := bits.Mul64(x.lo, y.lo)
	product, _ := unsigned{hi, lo}.divide(Scale)
	result := Amount{Lo: product.lo, Hi: int64(product.hi)}
	if Max().Less(result) {
		return Amount{}, false
	}
	if (a.Hi < 0) != (b.Hi < 0) {
		result = result.Neg()
	}

	return result, true
}
