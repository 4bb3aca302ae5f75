package metric

import "ebb/pipeline/vocabulary"

// spend is what marketing costs.
func spend() *Metric {
	return &Metric{
		Name:       "spend",
		Title:      "Spend",
		Definition: "What was spent on campaigns, by campaign, channel and currency. Per conversion and per new customer it is in v_acquisition.",
		FedBy:      "spend.recorded with a value",
		By:         []Dimension{Campaign(), Channel(), Currency()},
		Measures: []Measure{
			{Name: "records", Definition: "costs that were recorded", Unit: "events"},
			{Name: "cost", Definition: "their sum; one below 0 takes back", Unit: "currency", Sum: true},
		},
		AtMost: 1000,
		Takes:  func(_ *vocabulary.Class, name string) bool { return name == "spend.recorded" },
		Counts: func(e *Event, row *Row) bool {
			row.Add(0, e.value())

			return true
		},
	}
}
