package metric

import (
	"slices"
	"strings"

	"ebb/pipeline/vocabulary"
)

// Doer says whose events of a measure's types fill its slot.
type Doer uint8

// The doers.
const (
	NotMachines Doer = iota // people, and the company
	Machines                // scanners and bots
	Anyone
)

// counts is a measure of the events of some types.
func counts(name, definition string, types ...string) Measure {
	return Measure{Name: name, Definition: definition, Unit: "events", Types: types}
}

// byMachines is the same of what scanners and bots do.
func byMachines(name, definition string, types ...string) Measure {
	m := counts(name, definition, types...)
	m.Doer = Machines

	return m
}

// counting completes a metric that counts events by their type: the measures get a slot
// each, behind that of all events, and Takes and FedBy follow from their types.
func counting(m Metric, measures ...Measure) *Metric {
	all := Measure{Name: "events", Definition: "accepted events of the types that the metric takes", Unit: "events", Doer: Anyone}
	var machines bool
	for i := range measures {
		measures[i].Slot = i + 1
		machines = machines || measures[i].Doer != NotMachines
		for _, name := range measures[i].Types {
			if !slices.Contains(all.Types, name) {
				all.Types = append(all.Types, name)
			}
		}
	}
	m.Measures = append([]Measure{all}, measures...)
	m.FedBy = strings.Join(all.Types, ", ")
	m.Takes = func(class *vocabulary.Class, name string) bool {
		return (machines || !class.Machine) && slices.Contains(all.Types, name)
	}

	return &m
}

// perCase is a figure that divides by a measure, and is NULL where that is below 10.
func perCase(name, title, definition, unit, sql, cases string) Figure {
	return Figure{Name: name, Title: title, Definition: definition, Unit: unit, SQL: sql, Cases: cases, Least: 10}
}
