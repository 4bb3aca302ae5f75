package metric

import (
	"ebb/pipeline/vocabulary"
	"ebb/windows"
)

// engagement is how much people engage, where a view weighs less than a purchase: the
// engagement index is its points per active customer, against the weeks before.
func engagement() *Metric {
	return &Metric{
		Name:       "engagement",
		Title:      "Weighted engagement",
		Definition: "Engagement of people, weighted by type as the vocabulary says, by channel. Negative types, such as unsubscribed, bring no points; what the company sends and what machines do is not in it.",
		FedBy:      "every event but exposures",
		By:         []Dimension{Channel()},
		ByClass:    true,
		OfClass:    true,
		Measures: []Measure{
			{Name: "events", Definition: "events of types with a weight that are not negative", Unit: "events"},
			{Name: "points", Definition: "sum of their weights, each cut to millionths", Unit: "points", Sum: true},
		},
		AtMost: 300,
		Takes:  func(class *vocabulary.Class, name string) bool { return People(class, name) && !class.Negative },
		Counts: func(e *Event, row *Row) bool {
			weight := e.Vocabulary.Weight(e.Class.Type)
			if weight == 0 {
				return false
			}
			row.Add(0, windows.SumOf(int64(weight*1e6)))

			return true
		},
	}
}
