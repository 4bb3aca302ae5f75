package schema

import (
	"slices"

	"ebb/pipeline/metric"
	"ebb/pipeline/wire"
	"ebb/windows"
)

// What series and windows say, in all messages that have them.
const (
	endText   = "exclusive end of the window, Unix ms"
	stepsText = "row i ends slide × (steps[0] + … + steps[i]) ms after end; steps[0] is 0, and the others are at least 1"
	slideText = "ms between the ends of two windows that follow each other"
)

// cell is a column of the rows of a table that has its own layout.
type cell struct{ name, definition string }

func (c cell) schema() *Schema {
	switch c.name {
	case "key", "currency":
		return text(c.definition)
	case "value":
		return decimal(c.definition)
	}

	return count(c.definition)
}

// cells are the columns of a table, in the order of Row; see wire.AppendRow.
func cells(table wire.Table) []cell {
	events, customers := cell{"events", "events of the window"}, cell{"customers", "exact distinct customers of the window and partition"}
	switch table {
	case wire.Total:
		return []cell{events, customers}
	case wire.Kind:
		return []cell{{"key", "kind of engagement: passive, micro, active, none, or machine for scanners and bots"}, events, customers}
	case wire.Channel:
		return []cell{{"key", "channel"}, events}
	default:
		return []cell{
			{"key", "type of the events"},
			{"currency", "ISO 4217; empty where the events have no value"},
			events,
			{"value", "sum of the events' values in that currency, exact to six decimals"},
		}
	}
}

// header is what messages of the rollup stream say first.
func header(of *reflector, table wire.Table, schema int) []named {
	s := of.schema(wire.Header{})
	setConst(s, "schema", schema)
	setConst(s, "table", table)
	var properties []named
	for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
		properties = append(properties, named{pair.Key, slices.Contains(s.Required, pair.Key), pair.Value})
	}

	return properties
}

// length is the name of a window's length.
func length() *Schema {
	s := text("length of the window; installations may set their own")
	for _, l := range windows.Defaults() {
		s.Examples = append(s.Examples, l.Name)
	}

	return s
}

// described is what the registry says of a table.
func described(table wire.Table) metric.Description {
	all := metric.Describe()
	i := slices.IndexFunc(all, func(d metric.Description) bool { return d.Table == string(table) })
	if i < 0 {
		panic("schema: the registry lacks " + string(table))
	}

	return all[i]
}

// rollups is a message of window rows.
func rollups(of *reflector, table wire.Table) Document {
	columns := cells(table)
	row := row("one row, by place")
	for _, c := range columns {
		s := c.schema()
		s.Title = c.name
		row.PrefixItems = append(row.PrefixItems, s)
	}
	n := uint64(len(columns))
	row.MinItems, row.MaxItems = &n, &n
	about := described(table)

	return Document{
		Name: string(table), Version: wire.Schema, Title: about.Title, Subject: "rollups." + string(table) + ".{partition}",
		Schema: object(about.Definition+" Rows are absolute: a later version of the same window and key replaces the earlier one.",
			append(header(of, table, wire.Schema), must("windows", list("rows by the end of their window", object("rows of one window end",
				must("window", length()), must("end", whole(endText)), must("rows", list("a row for each key", row)),
			))))...),
	}
}

// packedRollups is a message of history's window rows.
func packedRollups(of *reflector, table wire.Table) Document {
	about := described(table)
	properties := []named{must("window", length())}
	var columns []named
	for _, c := range cells(table) {
		switch c.name {
		case "key", "currency":
			properties = append(properties, may(c.name, text(c.definition+"; of all rows")))
		case "events":
			columns = append(columns, must("events", list("a number for each row: "+c.definition, count(c.definition))))
		case "value":
			columns = append(columns, may("values", list("an amount for each row; absent where all are 0", c.schema())))
		default:
			columns = append(columns, may(c.name, list("a number for each row; absent where all are 0", c.schema())))
		}
	}
	properties = append(properties, must("end", whole(endText+", of the first row")), must("slide", whole(slideText)),
		must("steps", list(stepsText, count("slides since the row before"))))

	return Document{
		Name: string(table), Version: wire.PackedSchema, Title: about.Title + ", of history", Subject: "rollups." + string(table) + ".{partition}",
		Schema: object(about.Definition+" History travels by column: all rows of a series have the same length of window and the same key, and end on one day of UTC.",
			append(header(of, table, wire.PackedSchema), must("series", list("rows by length and key", object("rows of one length and key, by column",
				append(properties, columns...)...))))...),
	}
}

// metrics is a message of a metric's rows.
func metrics(of *reflector, m *metric.Metric) Document {
	table := m.Table()
	by, measures := make([]any, len(m.By)), make([]any, len(m.Measures))
	about, forms := map[string]any{}, map[string]any{}
	for i := range m.By {
		by[i] = m.By[i].Name
		about[m.By[i].Name] = m.By[i].Definition
	}
	for i := range m.Measures {
		one := &m.Measures[i]
		measures[i] = one.Name
		form := "integer"
		if one.Sum {
			form = "decimal"
		}
		forms[one.Name] = map[string]any{"unit": one.Unit, "form": form, "definition": one.Definition}
	}

	names := list("names of the dimensions, in their order", text("name of a dimension"))
	names.Const = by
	names.Extras = map[string]any{"x-dimensions": about}
	figures := list("names of the measures, in the order of the columns; later versions may add some", text("name of a measure"))
	figures.Items.Examples = measures
	figures.Extras = map[string]any{"x-measures": forms}

	columns := list("a column for each measure; one that is 0 in every row may be empty, but for the first of them",
		&Schema{Description: "the measure of every row: whole numbers, or amounts in quotes", AnyOf: []*Schema{
			list("whole numbers", whole("of a row")),
			list("amounts, exact to six decimals", decimal("of a row")),
		}})
	properties := append(header(of, table, wire.MetricSchema), must("by", names), must("measures", figures))
	dimensions := list("a column for each dimension", list("the dimension of every row", text("of a row")))

	d := Document{
		Name: string(table), Version: wire.MetricSchema, Title: m.Title, Subject: "rollups." + string(table) + ".{partition}",
	}
	if m.Daily() {
		d.Schema = object(m.Definition, append(properties, must("days", list("rows by day", object("rows of one day, by column",
			must("day", whole("days since 1970-01-01, by the calendar that days follow")),
			must("by", dimensions), must("measures", columns)))))...)

		return d
	}
	d.Schema = object(m.Definition, append(properties,
		may("windows", list("rows by the end of their window", object("rows of one window end, by column",
			must("window", length()), must("end", whole(endText)), must("by", dimensions), must("measures", columns)))),
		may("series", list("of history instead of windows: rows by length and dimensions", object("rows of one length and the same dimensions, by column",
			must("window", length()), must("by", list("the dimensions of all rows", text("of all rows"))),
			must("end", whole(endText+", of the first row")), must("slide", whole(slideText)),
			must("steps", list(stepsText, count("slides since the row before"))), must("measures", columns)))),
	)...)
	d.Schema.OneOf = []*Schema{{Required: []string{"windows"}}, {Required: []string{"series"}}}

	return d
}
