// Package spelling finds the name that a mistyped one was probably meant to be.
// It compares bytes and knows nothing of languages.
package spelling

import (
	"slices"
	"strings"
)

// Nearest returns the name that takes the fewest edits to make of word, at
// most so many; of several, the first. It is "" where no name is that near.
func Nearest(word string, names []string, most int) string {
	best, least := "", most+1
	for _, name := range names {
		if d := Distance(word, name); d < least {
			best, least = name, d
		}
	}

	return best
}

// Distance counts the edits that make b of a: a byte inserted, deleted or
// changed, or two neighbours swapped (optimal string alignment).
func Distance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}

	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}

	return d[len(a)][len(b)]
}

// Near returns the names that take at most so many edits to make of word, or that hold
// it or are held by it, the nearest first; of equally near ones, in their order.
func Near(word string, names []string, most int) []string {
	type candidate struct {
		name  string
		edits int
	}
	var near []candidate
	for _, name := range names {
		edits := Distance(word, name)
		part := word != "" && name != "" && (strings.Contains(name, word) || strings.Contains(word, name))
		if edits <= most || part {
			near = append(near, candidate{name, edits})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.edits - b.edits })
	out := make([]string, len(near))
	for i := range near {
		out[i] = near[i].name
	}

	return out
}
