package metric

// The slots of breadth.
const (
	breadthCustomers = iota
	breadthChannels
	breadthWithDevice
	breadthDevices
)

// breadth is how many customers use more than one channel, and more than one device.
func breadth() *Census {
	return &Census{
		Name:       "breadth",
		Title:      "Channels and devices of customers",
		Definition: "Customers who were active on a channel so far, and of them those on two or more; and the same of devices, of customers whose events say one.",
		FedBy:      "every event but exposures that has a channel, and those with the field device",
		Measures: []Measure{
			{Name: "customers", Definition: "customers who were active on a channel", Unit: "customers", Slot: breadthCustomers},
			{Name: "cross_channel", Definition: "customers who were active on two channels or more", Unit: "customers", Slot: breadthChannels},
			{Name: "with_device", Definition: "customers who were active on a device that is known", Unit: "customers", Slot: breadthWithDevice},
			{Name: "cross_device", Definition: "customers who were active on two devices or more", Unit: "customers", Slot: breadthDevices},
		},
		Figures: []Figure{
			{Name: "cross_channel_share", Title: "Cross-channel", Definition: "share of customers with two channels or more", Unit: "share", SQL: "cross_channel / customers", Cases: "customers", Least: 10},
			{Name: "cross_device_share", Title: "Cross-device", Definition: "share of customers with two devices or more, of those with one", Unit: "share", SQL: "cross_device / with_device", Cases: "with_device", Least: 10},
		},
		Ordered: true, // who is known when a day is counted, has come by then
		Reads:   []string{"channels"},
		Counts: func(p *Person, t *Tally) {
			row := t.Row()
			channels, devices := p.Who.Channels(), p.Who.Devices()
			row.CountIf(channels > 0, breadthCustomers)
			row.CountIf(channels > 1, breadthChannels)
			row.CountIf(devices > 0, breadthWithDevice)
			row.CountIf(devices > 1, breadthDevices)
		},
	}
}
