package vocabulary

import (
	"fmt"
	"slices"

	"ebb/pipeline/spelling"
)

// suggestion asks for the name that is most like a wrong one, where one is
// like it at all: `; did you mean "page.viewed"?`.
func suggestion(wrong string, names []string) string {
	name := spelling.Nearest(wrong, slices.Sorted(slices.Values(names)), max(1, len(wrong)/3))
	if name == "" {
		return ""
	}

	return fmt.Sprintf("; did you mean %q?", name)
}
