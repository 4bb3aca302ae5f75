package replay

import (
	"strings"

	"ebb/pipeline/spelling"
)

// suggest ends an error with the nearest of the names, or with all of them
// where none is near.
func suggest(got string, names []string) string {
	if name := spelling.Nearest(strings.ToLower(got), names, len(got)/2+1); name != "" {
		return "did you mean " + name + "?"
	}

	return "choose one of " + strings.Join(names, ", ")
}
