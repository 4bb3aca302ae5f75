package metrics

import (
	"fmt"
	"io"
	"strings"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/metric"
)

// PrintOne shows the first of the report in full.
func (r *Report) PrintOne(to io.Writer, given call.Given) error {
	w := &term.Writer{To: to}
	m := &r.Metrics[0]
	w.Line("%s: %s", m.Name, m.Title)
	entry(w, "  ", m.Definition)
	w.Line("")
	field := func(label, text string) {
		if text != "" {
			w.Line("%s", term.Wrapped(fmt.Sprintf("%-9s%s", label, text), strings.Repeat(" ", 9)))
		}
	}
	field("Fed by", m.FedBy)
	if m.Off {
		field("Off", "by the setting metrics")
	}
	if m.Fed != nil {
		field("Now", given.In(m.now()))
	}
	field("Source", m.Source)
	if m.Ordered {
		field("Order", "depends on the order in which events come, and not on their times alone")
	}
	field("Windows", strings.Join(m.Windows, ", "))
	table := r.Database + "." + m.Table
	if m.Series != "" {
		table += ", and of history " + r.Database + "." + m.Series
	}
	if !m.ByView {
		field("Table", table)
	}
	field("View", r.Database+"."+m.View)
	field("Also", strings.Join(m.Views, ", "))

	for _, part := range []struct {
		title string
		role  metric.Role
	}{
		{"Time", metric.InTime},
		{"Dimensions", metric.ByDimension},
		{"Measures", metric.AsMeasure},
		{"Figures", metric.AsFigure},
		{"Details", metric.InDetail},
	} {
		printColumns(w, part.title, m.Of(part.role))
	}
	printColumns(w, "Of the table alone", m.Stored)
	r.printAsked(w)
	w.Line("")
	w.Line("A query for ClickHouse:")
	w.Line("")
	for line := range strings.SplitSeq(m.Query, "\n") {
		w.Line("  %s", line)
	}

	return w.Err
}

// printColumns writes columns, each with what it says and how it comes about.
func printColumns(w *term.Writer, title string, columns []metric.Column) {
	if len(columns) == 0 {
		return
	}
	w.Line("")
	w.Line("%s", title)
	for i := range columns {
		c := &columns[i]
		label := "  " + c.Name
		if c.Unit != "" {
			label += " (" + c.Unit + ")"
		}
		text := c.Definition
		if c.Title != "" {
			text = c.Title + ": " + text
		}
		entry(w, label+": ", text)
		if c.Formula == "" {
			continue
		}
		entry(w, "    = ", c.Formula)
		if c.Cases != "" {
			entry(w, "    ", cases(c))
		}
	}
}

// cases says what a figure divides by, and when there are too few of them. A formula
// in words may divide by rows, of which only some are cases.
func cases(c *metric.Column) string {
	text := fmt.Sprintf("NULL where %s is below %d", c.Cases, c.Least)
	if strings.Contains(c.Formula, c.Cases) {
		return "divides by " + c.Cases + "; " + text
	}

	return text
}
