package metric

// kindMix is how much of what people do takes intent.
func kindMix() *Derived {
	share := func(name, title, definition, sql string) Column {
		c := figure(name, title, "share", definition, sql)
		c.Cases, c.Least = "events", 10

		return c
	}

	return &Derived{
		Name:       "kind_mix",
		Title:      "Kind mix",
		Definition: "Passive, micro and active engagements of people by channel, and the share of active ones. Types outside the vocabulary have no kind and are not in it.",
		FedBy:      "events of passive, micro and active types",
		Columns: []Column{
			{Name: "window_end", Role: InTime, Definition: "exclusive end of the window, UTC"},
			{Name: "window", Role: InTime, Definition: "length of the window"},
			{Name: "day", Role: InTime, Definition: "that of window_end"},
			dimension("channel", "channel of the event, or of its type where the event has none; other, none"),
			measure("events", "events", "engagements of the three kinds"),
			measure("passive", "events", "those that were reached: opened, viewed"),
			measure("micro", "events", "small steps: clicked, searched"),
			measure("active", "events", "those that take intent"),
			share("active_share", "Active", "share of engagements that are active", "active / events"),
			share("micro_share", "Micro", "share of engagements that are micro", "micro / events"),
		},
	}
}
