package metric

import (
	"slices"

	"ebb/pipeline/vocabulary"
)

// Filter says of the events of a type, by its name, whether a metric may take them. It
// may ask the class for nothing but what follows from the type, and whether a machine
// did it: it is asked once, not for each event.
type Filter func(class *vocabulary.Class, name string) bool

// People are engagements of people: neither what the company sent, nor of scanners and
// bots.
func People(class *vocabulary.Class, _ string) bool {
	return !class.Machine && class.Kind != vocabulary.Exposure
}

// PeopleOf are those of some types.
func PeopleOf(types ...string) Filter {
	return func(class *vocabulary.Class, name string) bool {
		return People(class, name) && slices.Contains(types, name)
	}
}

// Asked says whether the metric may take events of a type and, if so, which slots they
// fill by their type alone, as a bit each.
func (m *Metric) Asked(class *vocabulary.Class, name string) (fills uint32, asked bool) {
	if m.Takes != nil && !m.Takes(class, name) {
		return 0, false
	}
	for _, measure := range m.Measures {
		done := measure.Doer == Anyone || class.Machine == (measure.Doer == Machines)
		if done && slices.Contains(measure.Types, name) {
			fills |= 1 << measure.Slot
		}
	}

	return fills, m.Counts != nil || fills != 0
}
