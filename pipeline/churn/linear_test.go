package churn

import (
	"math"
	"math/rand/v2"
	"testing"
)

// eliminate solves by Gaussian elimination with partial pivots.
func eliminate(a [terms][terms]float64, b [terms]float64) [terms]float64 {
	for column := range terms {
		pivot := column
		for row := column + 1; row < terms; row++ {
			if math.Abs(a[row][column]) > math.Abs(a[pivot][column]) {
				pivot = row
			}
		}
		a[column], a[pivot] = a[pivot], a[column]
		b[column], b[pivot] = b[pivot], b[column]
		for row := column + 1; row < terms; row++ {
			factor := a[row][column] / a[column][column]
			for k := column; k < terms; k++ {
				a[row][k] -= factor * a[column][k]
			}
			b[row] -= factor * b[column]
		}
	}
	for row := terms - 1; row >= 0; row-- {
		for k := row + 1; k < terms; k++ {
			b[row] -= a[row][k] * b[k]
		}
		b[row] /= a[row][row]
	}

	return b
}

// randomDefinite is a positive definite matrix, packed and in full.
func randomDefinite(r *rand.Rand) (lower triangle, full [terms][terms]float64) {
	var root [terms][terms]float64
	for i := range terms {
		for j := range terms {
			root[i][j] = r.NormFloat64()
		}
	}
	for i := range terms {
		for j := range terms {
			for k := range terms {
				full[i][j] += root[i][k] * root[j][k]
			}
			if i == j {
				full[i][j] += 0.1
			}
			lower[packed(i, j)] = full[i][j]
		}
	}

	return lower, full
}

func TestSolveAgainstElimination(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		lower, full := randomDefinite(random)
		var b, product [terms]float64
		for i := range b {
			b[i] = random.NormFloat64()
		}
		want := eliminate(full, b)
		for i := range terms {
			for j := range terms {
				product[i] += full[i][j] * want[j]
			}
		}
		for i, got := range lower.times(&want) {
			if math.Abs(got-product[i]) > 1e-9 || math.Abs(got-b[i]) > 1e-9 {
				t.Fatalf("row %d times x is %v, want %v", i, got, product[i])
			}
		}
		if !lower.cholesky() {
			t.Fatal("a positive definite matrix was taken for another")
		}
		x := b
		lower.solve(&x)
		for i := range x {
			if math.Abs(x[i]-want[i]) > 1e-8*(1+math.Abs(want[i])) {
				t.Fatalf("x%d is %v, want %v", i, x[i], want[i])
			}
		}
	}
}

func TestCholeskyRefuses(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for i := range terms {
		for name, spoil := range map[string]func(*triangle){
			"indefinite":   func(a *triangle) { a[packed(i, i)] = -1 },
			"singular":     func(a *triangle) { a.without(i); a[packed(i, i)] = 0 },
			"not a number": func(a *triangle) { a[packed(i, 0)] = math.NaN() },
		} {
			lower, _ := randomDefinite(random)
			spoil(&lower)
			if lower.cholesky() {
				t.Errorf("a matrix that is %s in row %d was taken", name, i)
			}
		}
	}
}

// Without some rows, the others are solved as if these did not exist.
func TestWithout(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	lower, full := randomDefinite(random)
	var b [terms]float64
	for i := range b {
		b[i] = random.NormFloat64()
	}
	for _, out := range []int{0, 4, terms - 1} {
		lower.without(out)
		b[out] = 0
		for i := range terms {
			full[out][i], full[i][out] = 0, 0
		}
		full[out][out] = 1
	}
	want := eliminate(full, b)
	if !lower.cholesky() {
		t.Fatal("not positive definite")
	}
	lower.solve(&b)
	for i := range b {
		if math.Abs(b[i]-want[i]) > 1e-9 {
			t.Errorf("x%d is %v, want %v", i, b[i], want[i])
		}
	}
}

func TestPackedIsSymmetric(t *testing.T) {
	seen := map[int]bool{}
	for i := range terms {
		for j := range i + 1 {
			if packed(i, j) != packed(j, i) || seen[packed(i, j)] {
				t.Errorf("row %d, column %d is at %d", i, j, packed(i, j))
			}
			seen[packed(i, j)] = true
		}
	}
	if len(seen) != len(triangle{}) {
		t.Errorf("%d places, want %d", len(seen), len(triangle{}))
	}
}
