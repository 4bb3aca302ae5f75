package metric

import (
	"fmt"
	"maps"
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

// cutQuery is the view. What takes time is to plan a query, so measures, and figures that
// divide sums of measures, which most are, stand in it as data, in one text: which elements
// of slots they add up, how often, and by what they divide. The rest are formulas. slots
// are the counts of a row and, behind them, its sums.
func cutQuery() string {
	var names, figures, formulas, counts, sums []string
	for _, m := range All() {
		names = append(names, "'"+m.Name+"'")
		plain, rest := m.cutFigures()
		figures = append(figures, "["+strings.Join(plain, ", ")+"]")
		formulas = append(formulas, rest...)
	}
	for slot := range MaxSlots {
		counts, sums = append(counts, cutCount(slot)), append(sums, cutSum(slot))
	}

	return fmt.Sprintf(`WITH
    CAST('[
        %s
    ]', 'Array(Array(Tuple(String, UInt8, Float64, Array(UInt8), Array(Float64), Array(UInt8), Array(Float64))))') AS figures,
    if(f.2 > 0, slots[f.2], NULL) AS cases,
    arraySum((slot, times) -> times * slots[slot], f.4, f.5) AS added,
    arraySum((slot, times) -> times * slots[slot], f.6, f.7) AS by
SELECT
    window_end, window, rollup, metric, key1, key2, key3, currency, f.1 AS figure,
    multiIf(
        cases < f.3, NULL,
        %s,
        empty(f.6), added,
        added / nullIf(by, 0)) AS value,
    cases, day
FROM
(
    SELECT
        window_end, window, rollup, metric, key1, key2, key3, currency, day,
        arrayConcat(
            arrayMap(n -> toFloat64(n), sumForEach([%s])),
            arrayMap(n -> toFloat64(toDecimal256(n, 6) / 1000000), sumForEach([%s]))) AS slots
    FROM valid_rollups_cuts
    WHERE window_end <= (SELECT clock FROM v_clock)
    GROUP BY window_end, window, rollup, metric, key1, key2, key3, currency, day
)
ARRAY JOIN figures[indexOf([%s], metric)] AS f
`, strings.ReplaceAll(strings.Join(figures, ",\n        "), "'", `\'`), strings.Join(formulas, ",\n        "), strings.Join(counts, ", "), strings.Join(sums, ", "), strings.Join(names, ", "))
}

// cutFigures are the measures and figures of a cut of the metric: name, element of
// slots with the cases, the least of them, and what is added up and divides. Figures that
// are more follow as conditions and formulas.
func (m *Metric) cutFigures() (plain, formulas []string) {
	elements, slots := map[string]int{}, map[string]string{}
	for _, measure := range m.Measures {
		element := measure.Slot + 1
		if measure.Sum {
			element += MaxSlots
		}
		elements[measure.Name], slots[measure.Name] = element, fmt.Sprintf("slots[%d]", element)
		plain = append(plain, fmt.Sprintf("('%s', 0, 0, [%d], [1], [], [])", measure.Name, element))
	}
	for _, f := range m.Figures {
		over, by, ok := ratioOf(f.SQL)
		if !ok {
			formulas = append(formulas, fmt.Sprintf("metric = '%s' AND figure = '%s', %s", m.Name, f.Name, inSlots(f.SQL, slots)))
		}
		plain = append(plain, fmt.Sprintf("('%s', %d, %d, %s, %s)", f.Name, elements[f.Cases], max(f.Least, 1), over.of(elements), by.of(elements)))
	}

	return plain, formulas
}

// of are the terms as two arrays: elements of slots, and how often each is added.
func (t terms) of(elements map[string]int) string {
	var which, times []string
	for _, name := range slices.Sorted(maps.Keys(t)) {
		which = append(which, strconv.Itoa(elements[name]))
		times = append(times, strconv.FormatFloat(t[name], 'g', -1, 64))
	}

	return "[" + strings.Join(which, ", ") + "], [" + strings.Join(times, ", ") + "]"
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
