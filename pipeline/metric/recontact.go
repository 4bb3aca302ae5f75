package metric

// The slots of recontact.
const (
	recontactCases = iota
	recontactAgain
	recontactSame
	recontactElsewhere
)

// recontact is how often people have to ask again.
func recontact() *Metric {
	return &Metric{
		Name:  "recontact",
		Title: "Cases opened again",
		Definition: "Cases, and those about the same issue as one of the customer's two cases before, within 72 hours, on the same channel and on another one. " +
			"The issue is properties.issue, else the product; a case that says neither is about any.",
		FedBy:   "case.opened",
		By:      []Dimension{Channel()},
		ByClass: true,
		Measures: []Measure{
			{Name: "cases", Definition: "cases opened", Unit: "cases", Slot: recontactCases},
			{Name: "again", Definition: "of them, those about the same issue again", Unit: "cases", Slot: recontactAgain},
			{Name: "same_channel", Definition: "of these, those on the same channel as before", Unit: "cases", Slot: recontactSame},
			{Name: "other_channel", Definition: "of these, those on another channel than before", Unit: "cases", Slot: recontactElsewhere},
		},
		Figures: []Figure{
			{
				Name: "recontact_rate", Title: "Opened again", Definition: "share of the cases that are about the same issue again", Unit: "share",
				SQL: "again / cases", Cases: "cases", Least: 10,
			},
			{
				Name: "channel_switch_rate", Title: "Opened again elsewhere", Definition: "share of the cases that are about the same issue again, on another channel", Unit: "share",
				SQL: "other_channel / cases", Cases: "cases", Least: 10,
			},
		},
		AtMost:  300,
		Ordered: true,
		Reads:   []string{"issues"},
		Takes:   opensCase,
		Counts: func(e *Event, row *Row) bool {
			row.Count(recontactCases)
			again, elsewhere := e.again()
			if again {
				row.Count(recontactAgain)
			}
			switch {
			case elsewhere:
				row.Count(recontactElsewhere)
			case again:
				row.Count(recontactSame)
			}

			return true
		},
	}
}
