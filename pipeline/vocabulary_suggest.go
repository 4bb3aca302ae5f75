package pipeline

import (
	"fmt"
	"slices"
)

// suggestion asks for the name that is most like a wrong one, where one is
// like it at all: `; did you mean "page.viewed"?`.
func suggestion(wrong string, names []string) string {
	best, least := "", max(1, len(wrong)/3)+1

	for _, name := range slices.Sorted(slices.Values(names)) {
		if d := editDistance(wrong, name); d < least {
			best, least = name, d
		}
	}

	if best == "" {
		return ""
	}

	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance counts the bytes to insert, delete or change, and the
// neighbours to swap, to make b of a (optimal string alignment).
func editDistance(a, b string) int {
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
