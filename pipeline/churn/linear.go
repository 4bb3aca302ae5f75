package churn

import "math"

// triangle is a symmetric matrix of terms rows, as its lower triangle by rows.
type triangle [terms * (terms + 1) / 2]float64

// cholesky replaces a positive definite matrix by its lower factor and reports
// false where it is not positive definite.
func (a *triangle) cholesky() bool {
	for i := range terms {
		for j := 0; j <= i; j++ {
			sum := a[packed(i, j)]
			for k := range j {
				sum -= a[packed(i, k)] * a[packed(j, k)]
			}
			if i != j {
				a[packed(i, j)] = sum / a[packed(j, j)]

				continue
			}
			if !(sum > 0) {
				return false
			}
			a[packed(i, i)] = math.Sqrt(sum)
		}
	}

	return true
}

// solve solves L·Lᵀ·x = b in place, with the factor that cholesky has left.
func (a *triangle) solve(b *[terms]float64) {
	for i := range terms {
		for k := range i {
			b[i] -= a[packed(i, k)] * b[k]
		}
		b[i] /= a[packed(i, i)]
	}
	for i := terms - 1; i >= 0; i-- {
		for k := i + 1; k < terms; k++ {
			b[i] -= a[packed(k, i)] * b[k]
		}
		b[i] /= a[packed(i, i)]
	}
}

// times is the matrix times x.
func (a *triangle) times(x *[terms]float64) (b [terms]float64) {
	for i := range terms {
		for j := range terms {
			b[i] += a[packed(i, j)] * x[j]
		}
	}

	return b
}

// without takes a row and column out: the solution for it will be 0.
func (a *triangle) without(i int) {
	for j := range terms {
		a[packed(i, j)] = 0
	}
	a[packed(i, i)] = 1
}
