package metric

// interactions is what people do, by where and how: the kind mix of a channel is a
// sum of its rows.
func interactions() *Metric {
	return &Metric{
		Name:       "interactions",
		Title:      "Interactions",
		Definition: "Engagement events of people by channel, kind and type. What the company sends and what machines do is not in it.",
		FedBy:      "every event but exposures",
		By:         []Dimension{Channel(), Kind(), Type()},
		ByClass:    true,
		OfClass:    true,
		Measures: []Measure{
			{Name: "events", Definition: "accepted events", Unit: "events"},
		},
		AtMost: 4096,
		Takes:  People,
		Counts: func(_ *Event, row *Row) bool {
			row.Count(0)

			return true
		},
	}
}
