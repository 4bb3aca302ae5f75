package replay

import "strings"

// suggest ends an error with the nearest of the names, or with all of them
// where none is near.
func suggest(got string, names []string) string {
	best, distance := "", len(got)/2+2
	for _, name := range names {
		if d := editDistance(strings.ToLower(got), name); d < distance {
			best, distance = name, d
		}
	}
	if best != "" {
		return "did you mean " + best + "?"
	}

	return "choose one of " + strings.Join(names, ", ")
}

// editDistance is Levenshtein's: insertions, deletions and substitutions.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}

	return row[len(b)]
}
