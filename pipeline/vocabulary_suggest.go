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

// editDistance counts the bytes to insert, delete or change to make b of a
// (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)

	for j := range row {
		row[j] = j
	}

	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1

		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}

			diagonal = row[j+1]
			row[j+1] = min(change, diagonal+1, row[j]+1)
		}
	}

	return row[len(b)]
}
