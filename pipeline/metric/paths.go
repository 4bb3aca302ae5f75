package metric

import "ebb/pipeline/vocabulary"

// The slots of paths.
const (
	pathsAll = iota
	pathsCrossChannel
	pathsWithDevice
	pathsCrossDevice
)

// paths is how many channels and devices it takes to an order.
func paths() *Metric {
	return &Metric{
		Name:  "paths",
		Title: "Channels and devices to an order",
		Definition: "Journeys that end with an order, by its channel: all that the customer did since the order before, or since they came. " +
			"A journey is cross-channel with two channels or more, cross-device with two devices or more. The same of customers is in v_breadth.",
		FedBy:   "orders, and what customers do before; devices by the field device",
		By:      []Dimension{Channel()},
		ByClass: true,
		Measures: []Measure{
			{Name: "journeys", Definition: "orders of customers, each the end of a journey", Unit: "journeys", Slot: pathsAll},
			{Name: "cross_channel", Definition: "journeys over two channels or more", Unit: "journeys", Slot: pathsCrossChannel},
			{Name: "with_device", Definition: "journeys with an event that says its device", Unit: "journeys", Slot: pathsWithDevice},
			{Name: "cross_device", Definition: "journeys over two devices or more", Unit: "journeys", Slot: pathsCrossDevice},
		},
		Figures: []Figure{
			perCase("cross_channel_share", "Cross-channel journeys", "share of journeys over two channels or more", "share", "cross_channel / journeys", "journeys"),
			perCase("cross_device_share", "Cross-device journeys", "share of journeys over two devices or more, of those with one", "share", "cross_device / with_device", "with_device"),
		},
		AtMost:  300,
		Ordered: true,
		Reads:   []string{"path"},
		Takes: func(class *vocabulary.Class, name string) bool {
			return People(class, name) && class.Money == vocabulary.MoneyIn
		},
		Counts: func(e *Event, row *Row) bool {
			p := e.path()
			row.Count(pathsAll)
			if p[0]&pathChannels != 0 {
				row.Count(pathsCrossChannel)
			}
			if p[2]|p[3] != 0 {
				row.Count(pathsWithDevice)
			}
			if p[0]&pathDevices != 0 {
				row.Count(pathsCrossDevice)
			}

			return true
		},
	}
}
