package metric

// describedWindows are the tables of windows that are not in the registry.
func describedWindows() []Description {
	const (
		people   = "exact distinct customers"
		accepted = "accepted events"
		anybody  = "any event of a customer, such as page.viewed"
	)

	total := windowed("total")
	total.Title, total.FedBy = "Events and customers", anybody
	total.Definition = "Events of customers and exact distinct customers by window. What the company sends and what scanners and bots do is not in it."
	total.add(
		measure("events", "events", accepted),
		measure("customers", "customers", people),
	)

	kind := windowed("kind")
	kind.Title, kind.FedBy = "Events and customers by kind", "any event"
	kind.Definition = "Events and exact distinct customers by window and kind of engagement."
	kind.add(
		dimension("kind", "passive, micro, active, exposure, unknown or machine: what scanners and bots do, which counts nowhere else"),
		measure("events", "events", accepted),
		measure("customers", "customers", people+"; 0 for exposure, unknown and machine, which are not counted by customer"),
	)

	channel := windowed("channel")
	channel.Title, channel.FedBy = "Events by channel", anybody
	channel.Definition = "Events of customers by window and channel. What the company sends and what scanners and bots do is not in it."
	channel.add(
		dimension("channel", "channel of the event, or of its type where the event has none; none: no channel; other: one outside the configured list"),
		measure("events", "events", accepted),
	)

	kinds := windowed("type")
	kinds.Title, kinds.FedBy = "Events and values by type", "any event; for value: events with a value, such as order.completed"
	kinds.Definition = "Events of customers and of the company, and sums of their values, by window, type and currency. Values of different currencies don't add up."
	kinds.add(
		dimension("type", "type of the event in the vocabulary, aliases resolved; unknown: one outside the vocabulary"),
		dimension("currency", "ISO 4217; empty where the events have no value"),
		measure("events", "events", accepted),
		measure("value", "currency", "exact sum of the values, in units of the currency"),
	)
	kinds.Stored = append(kinds.Stored, detail("value_sum", "the sum of the values, in millionths of the currency"))

	return []Description{total, kind, channel, kinds}
}
