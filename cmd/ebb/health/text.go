package health

import (
	"fmt"
	"strings"
	"time"

	"ebb/cmd/ebb/term"
)

// Text is the report for people: which partitions run, and a line for each
// condition and one for each remedy.
func (r Report) Text(now time.Time) string {
	var b strings.Builder
	b.WriteString(r.Status)
	b.WriteByte('\n')
	if len(r.Partitions) > 0 {
		fmt.Fprintf(&b, "runs partitions %s of %d\n", term.Ranges(r.Partitions), r.Of)
	}
	for _, c := range r.Conditions {
		fmt.Fprintf(&b, "%s: %s, for %s (since %s)\n", c.Name, c.Text,
			max(0, now.Sub(c.Since).Truncate(time.Second)), c.Since.Format(time.RFC3339))
		if c.Remedy != "" {
			fmt.Fprintf(&b, "  %s\n", c.Remedy)
		}
	}

	return b.String()
}
