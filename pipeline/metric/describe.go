package metric

import (
	"fmt"

	"ebb/windows"
)

// Description is what people read of a metric or a table: what it says, what feeds it,
// and every column of its view and its table. Those of metrics follow from their
// declarations; the tables that are not in the registry are described in the files
// described_*.go. A test compares all of them with the schema of ClickHouse.
type Description struct {
	Name       string   `json:"name"` // of metrics: the table is rollups_<name>, the view v_<name>
	Title      string   `json:"title"`
	Definition string   `json:"definition"`        // one or two sentences
	Source     string   `json:"source,omitempty"`  // of the formulas, where they are not plain counts
	FedBy      string   `json:"fed_by"`            // what it waits for
	Unit       string   `json:"unit"`              // of what its first measure counts
	Ordered    bool     `json:"ordered,omitempty"` // it follows from the order in which events come; see Metric
	Windows    []string `json:"windows,omitempty"` // lengths; none where it is no table of windows
	Table      string   `json:"table"`             // of ClickHouse
	Series     string   `json:"series,omitempty"`  // the table of its history
	View       string   `json:"view"`              // that panels and people read
	Views      []string `json:"views,omitempty"`   // others that derive from the table
	Columns    []Column `json:"columns"`           // of the view; the first of role time orders it
	Stored     []Column `json:"stored"`            // of the table alone
	Time       string   `json:"time_column"`       // of the table: when a row came about, by the stream's clock
	ByView     bool     `json:"by_view,omitempty"` // there is no table: it is a view over those of others
}

// Role says what a column is for.
type Role string

// The roles.
const (
	InTime      Role = "time"      // which window or moment
	ByDimension Role = "dimension" // parts the rows
	AsMeasure   Role = "measure"   // counted or added up
	AsFigure    Role = "figure"    // derived from measures
	InDetail    Role = "detail"    // what else a row says
)

// Column is a column of a view or a table.
type Column struct {
	Name       string `json:"name"`
	Role       Role   `json:"role"`
	Title      string `json:"title,omitempty"`
	Definition string `json:"definition"`
	Unit       string `json:"unit,omitempty"` // of measures and figures
	Formula    string `json:"formula,omitempty"`

	// Cases is the measure that the figure divides by, or that says how many rows tell
	// as much as independent ones. Below Least of them the figure is NULL.
	Cases string `json:"cases,omitempty"`
	Least int64  `json:"least,omitempty"`

	// Derived columns are of the view alone.
	Derived bool `json:"derived,omitempty"`
}

// Describe gives the descriptions of all that is measured: first the windows, those of
// metrics included, then what derives from them, then customers, then the stream
// itself. Names are unique.
func Describe() []Description {
	all := describedWindows()
	for _, m := range Tables() {
		all = append(all, m.Describe())
	}
	for _, d := range Deriveds() {
		all = append(all, d.Describe())
	}
	all = append(all, describedCustomers()...)

	return append(all, describedStream()...)
}

// Describe is the description that follows from a declaration.
func (m *Metric) Describe() Description {
	d := windowed(m.Name)
	if m.Daily() {
		d = daily(m)
	}
	d.Title, d.Definition, d.Source, d.FedBy, d.Ordered = m.Title, m.Definition, m.Source, m.FedBy, m.Ordered
	for _, by := range m.By {
		d.add(dimension(by.Name, by.Definition))
	}
	for _, measured := range m.Measures {
		d.add(measure(measured.Name, measured.Unit, measured.Definition))
	}
	for _, f := range m.Figures {
		c := figure(f.Name, f.Title, f.Unit, f.Definition, f.SQL)
		if f.Cases != "" {
			c.Cases, c.Least = f.Cases, max(f.Least, 1)
		}
		d.add(c)
	}
	if m.Daily() && m.Span > 0 {
		d.add(derived(detail("final", fmt.Sprintf("whether the stream's clock has passed the %d days in which the row changes", m.Span)))...)
	}

	return d
}

// daily is a table of days without its own columns.
func daily(m *Metric) Description {
	d := Description{Name: m.Name, Table: string(m.Table()), View: "v_" + m.Name, Time: "clock"}
	d.Columns = []Column{{Name: "day", Role: InTime, Definition: "day of the calendar"}}
	d.Stored = stored()
	if m.Family != Counted {
		return d
	}
	d.Columns[0].Definition = "day of the calendar, in the time zone of calendar.zone"
	for i := range d.Stored {
		switch d.Stored[i].Name {
		case "version":
			d.Stored[i].Definition = "stream sequence of the last record that the count knows of"
		case "clock":
			d.Stored[i].Definition = "the partition's clock when it counted: the end of the day and the lateness"
		}
	}

	return d
}

// windowed is a table of windows without its own columns.
func windowed(name string) Description {
	d := Description{Name: name, Table: "rollups_" + name, Series: "rollups_" + name + "_series", View: "v_" + name, Time: "window_end"}
	for _, length := range windows.Defaults() {
		d.Windows = append(d.Windows, length.Name)
	}
	d.Columns = []Column{
		{Name: "window", Role: InTime, Definition: "length of the window"},
		{Name: "window_end", Role: InTime, Definition: "exclusive end of the window, UTC"},
		{Name: "day", Role: InTime, Derived: true, Definition: "that of window_end: who filters by it as well reads history of these days only"},
	}
	d.Stored = stored()

	return d
}

// stored are the columns that all tables have, beside others.
func stored(more ...Column) []Column {
	return append([]Column{
		detail("partition", "of the customers; counts add up over the partitions"),
		detail("version", "stream sequence of the cut that produced the row; the highest is the truth"),
		detail("clock", "the partition's clock at that cut"),
		detail("era", "when the input stream was made"),
	}, more...)
}

// written is when figures were written, by which they expire.
func written() Column {
	return detail("written", "when the row was written; ttl.figures counts from it")
}

// add adds columns to the view. The unit of the first measure is that of the whole.
func (d *Description) add(columns ...Column) {
	for _, c := range columns {
		if c.Role == AsMeasure && d.Unit == "" {
			d.Unit = c.Unit
		}
		d.Columns = append(d.Columns, c)
	}
}

func dimension(name, definition string) Column {
	return Column{Name: name, Role: ByDimension, Definition: definition}
}

func measure(name, unit, definition string) Column {
	return Column{Name: name, Role: AsMeasure, Unit: unit, Definition: definition}
}

func figure(name, title, unit, definition, formula string) Column {
	return Column{Name: name, Role: AsFigure, Title: title, Unit: unit, Definition: definition, Formula: formula, Derived: true}
}

func detail(name, definition string) Column {
	return Column{Name: name, Role: InDetail, Definition: definition}
}

// derived are columns that only the view has.
func derived(columns ...Column) []Column {
	for i := range columns {
		columns[i].Derived = true
	}

	return columns
}
