package metric

import (
	"fmt"
	"slices"
	"strings"
)

// ExampleWindow is the length of the windows in example queries, and of those whose
// rows tell whether a metric is fed: there are few of them, and ClickHouse keeps them.
const ExampleWindow = "24h"

// Recent is how far examples look back from the stream's clock, in days.
const Recent = 28

// Of are the columns of the view of a role.
func (d *Description) Of(role Role) []Column {
	return slices.DeleteFunc(slices.Clone(d.Columns), func(c Column) bool { return c.Role != role })
}

// Query is an example for ClickHouse that runs as it stands, of a database whose
// name needs no quoting: the newest rows of the view, by the stream's clock.
func (d *Description) Query(database string) string {
	times := d.Of(InTime)
	moment := times[0].Name // the first one orders
	where := fmt.Sprintf("%s > (\n  SELECT clock - INTERVAL %d DAY\n  FROM %s.v_clock)", moment, Recent, database)
	names := []string{moment}
	if len(d.Windows) > 0 {
		moment, names = "window_end", []string{"window_end"}
		where = fmt.Sprintf("window = '%s' AND day > (\n  SELECT toDate32(clock) - %d\n  FROM %s.v_clock)", ExampleWindow, Recent, database)
	}
	for _, role := range []Role{ByDimension, AsMeasure, AsFigure} {
		for _, c := range d.Of(role) {
			names = append(names, quoted(c.Name))
		}
	}

	return fmt.Sprintf("SELECT %s\nFROM %s.%s\nWHERE %s\nORDER BY %s DESC\nLIMIT 20", list(names), database, d.View, where, moment)
}

// quoted is a column's name where it is none of SQL's own words.
func quoted(name string) string {
	if name == "left" {
		return "`" + name + "`"
	}

	return name
}

// list sets names in lines of a width that leaves room in a terminal.
func list(names []string) string {
	const width = 70
	var b strings.Builder
	column := len("SELECT ")
	for i, name := range names {
		switch {
		case i == 0:
		case column+len(name)+2 > width:
			b.WriteString(",\n  ")
			column = 2
		default:
			b.WriteString(", ")
			column += 2
		}
		b.WriteString(name)
		column += len(name)
	}

	return b.String()
}

// Find is the description that a name means: its own, that of its table, or of one of
// its views. Case doesn't matter.
func Find(all []Description, name string) (Description, bool) {
	i := slices.IndexFunc(all, func(d Description) bool {
		return slices.ContainsFunc(d.names(), func(n string) bool { return strings.EqualFold(n, name) })
	})
	if i < 0 {
		return Description{}, false
	}

	return all[i], true
}

// names are all that Find knows it by.
func (d *Description) names() []string {
	names := append([]string{d.Name, d.Table, d.View}, d.Views...)
	if d.Series != "" {
		names = append(names, d.Series)
	}

	return names
}

// Names are those of descriptions.
func Names(all []Description) []string {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}

	return names
}
