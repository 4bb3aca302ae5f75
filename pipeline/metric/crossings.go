package metric

// The slots of crossings.
const (
	crossingsAll = iota
	crossingsNew
)

// crossings is how people change between channels.
func crossings() *Metric {
	return &Metric{
		Name:       "crossings",
		Title:      "Changes of channel",
		Definition: "Events of people whose event before was on another channel, from which to which. Events without a channel don't count.",
		FedBy:      "every event but exposures that has a channel",
		By: []Dimension{
			{
				Name: "from_channel", Definition: "channel of the customer's event before; other",
				Of: func(e *Event) string {
					channel, _ := e.Who.LastChannel()

					return e.channelName(channel)
				},
			},
			{
				Name: "to_channel", Definition: "channel of the event; other",
				Of: func(e *Event) string { return e.channelName(e.Class.Channel) },
			},
		},
		Code: func(e *Event) (uint32, bool) {
			channel, _ := e.Who.LastChannel()

			return uint32(channel)<<8 | uint32(e.Class.Channel), true
		},
		Measures: []Measure{
			{Name: "crossings", Definition: "events whose customer was on another channel before", Unit: "events", Slot: crossingsAll},
			{Name: "first_crossings", Definition: "of them, those to a channel on which the customer had never been", Unit: "events", Slot: crossingsNew},
		},
		Figures: []Figure{{
			Name: "first_share", Title: "To a new channel", Definition: "share of the changes that brought a customer to a channel for the first time", Unit: "share",
			SQL: "first_crossings / crossings", Cases: "crossings", Least: 10,
		}},
		AtMost:  1024,
		Ordered: true,
		Reads:   []string{"channels"},
		Takes:   People,
		Counts: func(e *Event, row *Row) bool {
			from, there := e.Who.LastChannel()
			if !there || from == e.Class.Channel || !e.placed() {
				return false
			}
			row.Count(crossingsAll)
			if !e.Who.SeenOn(e.Class.Channel) {
				row.Count(crossingsNew)
			}

			return true
		},
	}
}
