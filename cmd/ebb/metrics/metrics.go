// Package metrics shows what ebb measures, to people and to programs. What there is to
// say comes from package pipeline/metric, and whether it is fed from ClickHouse.
//
// Read metrics.go first.
package metrics

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/metric"
	"ebb/sinks/clickhouse"
)

// Report is what `ebb metrics --json` prints.
type Report struct {
	Database string     `json:"database"`            // of ClickHouse, which queries name
	Clock    *time.Time `json:"clock,omitempty"`     // of the stream, up to which ClickHouse holds its rows
	NotAsked string     `json:"not_asked,omitempty"` // why it is not known which are fed
	Metrics  []Metric   `json:"metrics"`
	Columns  []Column   `json:"columns,omitempty"` // of every customer
}

// Metric is one of them.
type Metric struct {
	metric.Description

	Query string          `json:"query"`
	Off   bool            `json:"off,omitempty"` // by the setting metrics
	Fed   *clickhouse.Fed `json:"fed,omitempty"` // where ClickHouse was asked
}

// New is a report without what ClickHouse holds.
func New(all []metric.Description, database string) *Report {
	r := &Report{Database: database, Metrics: make([]Metric, len(all))}
	for i := range all {
		r.Metrics[i] = Metric{Description: all[i], Query: all[i].Query(database)}
	}

	return r
}

// Switch says which metrics are on, of those that can be off.
func (r *Report) Switch(on []string) {
	for i := range r.Metrics {
		m := &r.Metrics[i]
		m.Off = slices.Contains(metric.Switchable(), m.Name) && !slices.Contains(on, m.Name)
	}
}

// Add adds what ClickHouse said.
func (r *Report) Add(feeding clickhouse.Feeding) {
	if !feeding.Clock.IsZero() {
		clock := feeding.Clock.UTC()
		r.Clock = &clock
	}
	for i := range r.Metrics {
		if fed, asked := feeding.Fed[r.Metrics[i].Name]; asked {
			r.Metrics[i].Fed = &fed
		}
	}
}

// Print lists them for people.
func (r *Report) Print(to io.Writer, given call.Given) error {
	w := &term.Writer{To: to}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		if i > 0 {
			w.Line("")
		}
		w.Line("%s: %s", m.Name, m.Title)
		entry(w, "  ", m.Definition)
		entry(w, "  Figures: ", figures(&m.Description))
		entry(w, "  Fed by: ", m.FedBy)
		if m.Off {
			entry(w, "  ", "Off by the setting metrics.")
		}
		if m.Fed != nil {
			entry(w, "  Now: ", given.In(m.now()))
		}
	}
	r.printKept(w)
	r.printAsked(w)
	w.Line("")
	w.Line("%s", term.Wrapped("`ebb metrics NAME` says all of one, with a query for ClickHouse.", ""))

	return w.Err
}

// printAsked says of when the figures are, or why there are none.
func (r *Report) printAsked(w *term.Writer) {
	switch {
	case r.NotAsked != "":
		w.Line("")
		w.Line("%s", term.Wrapped(r.NotAsked, ""))
	case r.Clock == nil:
		w.Line("")
		w.Line("%s", term.Wrapped("ClickHouse holds no rows of this stream yet.", ""))
	default:
		w.Line("")
		w.Line("%s", term.Wrapped(fmt.Sprintf("Rows are those of the last %d days of the stream's clock, which stands at %s.",
			metric.Recent, term.TimeText(*r.Clock)), ""))
	}
}

// entry writes a text that goes on indented below its label.
func entry(w *term.Writer, label, text string) {
	w.Line("%s", term.Wrapped(label+text, strings.Repeat(" ", len(label)-len(strings.TrimLeft(label, " "))+indentOf(label))))
}

// indentOf is by how much the lines of a labelled text go on further right.
func indentOf(label string) int {
	if strings.TrimSpace(label) == "" {
		return 0
	}

	return 2
}

// figures are the measures and figures with their units.
func figures(d *metric.Description) string {
	columns := append(d.Of(metric.AsMeasure), d.Of(metric.AsFigure)...)
	var words []string
	if len(columns) == 0 || columns[0].Unit != d.Unit { // each row is one
		words = append(words, "rows ("+d.Unit+")")
	}
	for _, c := range columns {
		words = append(words, fmt.Sprintf("%s (%s)", c.Name, c.Unit))
	}

	return strings.Join(words, ", ")
}

// now says whether it is fed.
func (m *Metric) now() string {
	switch {
	case m.Fed.Problem != "":
		return "not known: " + m.Fed.Problem
	case m.Fed.Rows == 0:
		return "waits for " + m.FedBy
	}
	rows := "rows"
	if m.Fed.Rows == 1 {
		rows = "row"
	}
	if m.Fed.Window != "" {
		rows += " of windows of " + m.Fed.Window
	}

	return fmt.Sprintf("fed: %d %s, the newest of %s", m.Fed.Rows, rows, term.TimeText(m.Fed.Last))
}
