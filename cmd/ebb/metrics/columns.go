package metrics

import (
	"fmt"

	"ebb/cmd/ebb/term"
	"ebb/pipeline/metric"
)

// Column is what is kept of every customer, for metrics to read.
type Column struct {
	Name       string `json:"name"`
	Definition string `json:"definition"`
	Bytes      int    `json:"bytes"` // of a customer
}

// Keep adds the columns that are kept, for the metrics that are on.
func (r *Report) Keep(columns []*metric.StateColumn) {
	for _, c := range columns {
		r.Columns = append(r.Columns, Column{Name: c.Name, Definition: c.Definition, Bytes: c.Bytes})
	}
}

// printKept says what is kept of every customer, and what it takes.
func (r *Report) printKept(w *term.Writer) {
	if len(r.Columns) == 0 {
		return
	}
	all := 0
	for _, c := range r.Columns {
		all += c.Bytes
	}
	w.Line("")
	w.Line("Kept of every customer: %d bytes", all)
	w.Line("%s", term.Wrapped("What nothing reads is not kept; a metric that is switched on later knows of customers from there on. "+
		"The gauge ebb_column_since_seconds of ebb run says since when each is kept.", ""))
	for _, c := range r.Columns {
		entry(w, "  ", fmt.Sprintf("%s, %d bytes: %s", c.Name, c.Bytes, c.Definition))
	}
}
