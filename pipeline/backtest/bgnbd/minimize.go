package bgnbd

import (
	"cmp"
	"math"
	"slices"
)

const dimensions = 4

type point [dimensions]float64

type vertex struct {
	at    point
	value float64
}

// Limits of the search. A logarithm beyond the farthest is a likelihood that
// grows for ever, as that of customers who all are alike does.
const (
	farthest  = 14
	firstStep = 0.5
	precision = 1e-10 // of the value, relative
	mostSteps = 600
	restarts  = 3
)

// minimize is the simplex method of Nelder and Mead (1965, "A simplex method
// for function minimization", The Computer Journal 7), begun anew at its
// result until that no longer helps, because a simplex may collapse early.
func minimize(f func(point) float64, start point) (point, float64) {
	bounded := func(at point) float64 {
		for _, v := range at {
			if math.Abs(v) > farthest {
				return math.Inf(1)
			}
		}
		if value := f(at); !math.IsNaN(value) {
			return value
		}

		return math.Inf(1)
	}
	best := vertex{start, bounded(start)}
	for range restarts {
		found := descend(bounded, best)
		done := best.value-found.value <= 10*precision*math.Abs(found.value)
		best = found
		if done {
			break
		}
	}

	return best.at, best.value
}

func descend(f func(point) float64, start vertex) vertex {
	var simplex [dimensions + 1]vertex
	simplex[0] = start
	for i := range dimensions {
		at := start.at
		at[i] += firstStep
		simplex[i+1] = vertex{at, f(at)}
	}
	for range mostSteps {
		slices.SortStableFunc(simplex[:], func(a, b vertex) int { return cmp.Compare(a.value, b.value) })
		if simplex[dimensions].value-simplex[0].value <= precision*math.Abs(simplex[0].value) {
			break
		}
		step(f, &simplex)
	}

	return slices.MinFunc(simplex[:], func(a, b vertex) int { return cmp.Compare(a.value, b.value) })
}

// step replaces the worst vertex by a better one, or shrinks the simplex
// towards its best.
func step(f func(point) float64, simplex *[dimensions + 1]vertex) {
	worst := &simplex[dimensions]
	var centre point
	for _, v := range simplex[:dimensions] {
		for i := range centre {
			centre[i] += v.at[i] / dimensions
		}
	}
	// along is the point so far beyond the centre, as seen from the worst.
	along := func(far float64) vertex {
		var at point
		for i := range at {
			at[i] = centre[i] + far*(centre[i]-worst.at[i])
		}

		return vertex{at, f(at)}
	}

	reflected := along(1)
	switch {
	case reflected.value < simplex[0].value:
		if expanded := along(2); expanded.value < reflected.value {
			reflected = expanded
		}
		*worst = reflected

		return
	case reflected.value < simplex[dimensions-1].value:
		*worst = reflected

		return
	}
	contracted := along(-0.5)
	if reflected.value < worst.value {
		contracted = along(0.5)
	}
	if contracted.value < min(reflected.value, worst.value) {
		*worst = contracted

		return
	}
	for i := 1; i <= dimensions; i++ {
		for j := range simplex[i].at {
			simplex[i].at[j] = (simplex[0].at[j] + simplex[i].at[j]) / 2
		}
		simplex[i].value = f(simplex[i].at)
	}
}
