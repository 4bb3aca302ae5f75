package metric

import "ebb/pipeline/vocabulary"

// kindMix is how much of what people do takes intent.
func kindMix() *Metric {
	return &Metric{
		Name:       "kind_mix",
		Title:      "Kind mix",
		Definition: "Passive, micro and active engagements of people by channel, and the share of active ones. Types outside the vocabulary have no kind and are not in it.",
		FedBy:      "events of passive, micro and active types",
		By:         []Dimension{Channel()},
		ByClass:    true,
		Measures: []Measure{
			{Name: "events", Definition: "engagements of the three kinds", Unit: "events"},
			{Name: "passive", Definition: "those that were reached: opened, viewed", Unit: "events", Slot: 1},
			{Name: "micro", Definition: "small steps: clicked, searched", Unit: "events", Slot: 2},
			{Name: "active", Definition: "those that take intent", Unit: "events", Slot: 3},
		},
		Figures: []Figure{
			perCase("active_share", "Active", "share of engagements that are active", "share", "active / events", "events"),
			perCase("micro_share", "Micro", "share of engagements that are micro", "share", "micro / events", "events"),
		},
		AtMost: 300,
		Takes: func(class *vocabulary.Class, _ string) bool {
			return !class.Machine && class.Kind <= vocabulary.Active
		},
		Counts: func(e *Event, row *Row) bool {
			row.Count(0)
			row.Count(1 + int(e.Class.Kind))

			return true
		},
	}
}
