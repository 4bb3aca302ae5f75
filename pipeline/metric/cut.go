package metric

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A rollup of a user may count what a metric counts, by fields of the user's choice: a
// cut of the metric, such as the net promoter score by level of risk. All cuts share one
// table, whose measures are the slots of whichever metric it is; v_cut_figures gives
// them their names and derives the figures.

// Cuts is the table of the cuts of metrics. Its rows are of no single Counts; see Counter.
func Cuts() *Metric {
	m := &Metric{
		Name:  "cuts",
		Title: "Cuts of metrics, as they are counted",
		Definition: "What metrics count, by fields of your choice (setting rollups, with ;metric=): a count and a sum of each slot of the metric. " +
			"Read v_cut_figures, which has their names, and the figures.",
		FedBy: "the events of the metrics that the setting rollups says",
		By: append(rollupKeys(),
			Dimension{Name: "currency", Definition: "ISO 4217, of metrics by currency; empty for others"},
			Dimension{Name: "metric", Definition: "whose slots they are"}),
		AtMost: MaxRollupsAtMost / MaxSlots,
	}
	for slot := range MaxSlots {
		m.Measures = append(m.Measures,
			Measure{Name: cutCount(slot), Definition: fmt.Sprintf("events that filled slot %d", slot+1), Unit: "events", Slot: slot},
			Measure{Name: cutSum(slot), Definition: fmt.Sprintf("sum of what they brought to slot %d", slot+1), Unit: "unit of the measure", Slot: slot, Sum: true})
	}

	return m
}

func cutCount(slot int) string { return "count_" + strconv.Itoa(slot+1) }

func cutSum(slot int) string { return "sum_" + strconv.Itoa(slot+1) }

// Cuttable are the metrics that can be cut: those by windows.
func Cuttable() []string {
	var names []string
	for _, m := range All() {
		names = append(names, m.Name)
	}
	slices.Sort(names)

	return names
}

// cutOf is the metric of a name that can be cut; nil for none.
func cutOf(name string) *Metric {
	all := All()
	if i := slices.IndexFunc(all, func(m *Metric) bool { return m.Name == name }); i >= 0 {
		return all[i]
	}

	return nil
}

// dimension is the dimension of a name.
func (m *Metric) dimension(name string) (Dimension, bool) {
	i := slices.IndexFunc(m.By, func(d Dimension) bool { return d.Name == name })
	if i < 0 {
		return Dimension{}, false
	}

	return m.By[i], true
}

// cutFigures are the measures and figures of the cuts of metrics, by their names.
func cutFigures() *Derived {
	const name = "LowCardinality(String)"
	more := func(name, definition string) Column { return derived(detail(name, definition))[0] }

	return &Derived{
		Name:  "cut_figures",
		Title: "Figures of metrics by fields of your own",
		Definition: "Measures and figures of metrics by fields of your choice, of the event or of its customer (setting rollups, with ;metric=), " +
			"such as the net promoter score by level of risk. Each is as the metric's own view says it.",
		FedBy: "the events of the metrics that the setting rollups says",
		Columns: append([]Column{
			{Name: "window_end", Role: InTime, Definition: "exclusive end of the window, UTC"},
			{Name: "window", Role: InTime, Definition: "length of the window"},
			dimension("rollup", "its name in the setting rollups"),
			dimension("metric", "which it counts"),
			dimension("key1", "value of the first field; empty where there is none"),
			dimension("key2", "of the second"),
			dimension("key3", "of the third"),
			dimension("currency", "ISO 4217, of metrics by currency; empty for others"),
			dimension("figure", "name of the figure, or of a measure"),
		},
			derived(measure("value", "unit of the figure", "NULL of too few cases"))[0],
			more("cases", "what the figure divides by; NULL for what is no rate"),
			more("day", "that of window_end: who filters by it as well reads history of these days only"),
		),
		Types: []string{
			"DateTime64(3, 'UTC')", name, name, name, name, name, name, name, "String",
			"Nullable(Float64)", "Nullable(Float64)", "Date32",
		},
		Query: cutQuery,
	}
}

// cutQuery is the view: of each row the figures of its metric, one below the other.
func cutQuery() string {
	var branches []string
	for _, m := range All() {
		branches = append(branches, fmt.Sprintf("metric = '%s', %s", m.Name, m.cutTuples()))
	}

	return `SELECT
    window_end, window, rollup, metric, key1, key2, key3, currency, f.1 AS figure, f.2 AS value, f.3 AS cases, day
FROM
(
    SELECT
        *,
        multiIf(
            ` + strings.Join(branches, ",\n            ") + `,
            CAST([], 'Array(Tuple(String, Nullable(Float64), Nullable(Float64)))')) AS figures
    FROM v_cuts
)
ARRAY JOIN figures AS f
`
}

// cutTuples are the measures and figures over the slots of a cut: name, value and cases.
func (m *Metric) cutTuples() string {
	slots := map[string]string{}
	var tuples []string
	for _, measure := range m.Measures {
		column := cutCount(measure.Slot)
		if measure.Sum {
			column = cutSum(measure.Slot)
		}
		slots[measure.Name] = "toFloat64(" + column + ")"
		tuples = append(tuples, fmt.Sprintf("('%s', toNullable(%s), CAST(NULL, 'Nullable(Float64)'))", measure.Name, slots[measure.Name]))
	}
	for _, f := range m.Figures {
		formula, cases := "toFloat64("+inSlots(f.SQL, slots)+")", "CAST(NULL, 'Nullable(Float64)')"
		if f.Cases != "" {
			formula = fmt.Sprintf("if(%s >= %d, %s, NULL)", slots[f.Cases], max(f.Least, 1), formula)
			cases = "toNullable(" + slots[f.Cases] + ")"
		}
		tuples = append(tuples, fmt.Sprintf("('%s', toNullable(%s), %s)", f.Name, formula, cases))
	}

	return "[" + strings.Join(tuples, ", ") + "]"
}

// inSlots puts the columns of slots in the place of the measures of a formula.
func inSlots(formula string, slots map[string]string) string {
	word := func(r rune) bool {
		return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	var b strings.Builder
	for len(formula) > 0 {
		end := strings.IndexFunc(formula, func(r rune) bool { return !word(r) })
		switch {
		case end < 0:
			end = len(formula)
		case end == 0:
			end = 1
		}
		token := formula[:end]
		if column, is := slots[token]; is {
			token = column
		}
		b.WriteString(token)
		formula = formula[end:]
	}

	return b.String()
}
