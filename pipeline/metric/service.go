package metric

// service is what people need help with.
func service() *Metric {
	return counting(Metric{
		Name:       "service",
		Title:      "Service",
		Definition: "Cases opened and resolved, calls and chats, by channel.",
		By:         []Dimension{Channel()},
		ByClass:    true,
		Figures: []Figure{
			perCase("resolved_per_opened", "Resolved", "cases resolved per case opened in the same window; not always the same cases", "share", "cases_resolved / cases_opened", "cases_opened"),
		},
		AtMost: 300,
	},
		counts("cases_opened", "cases opened", "case.opened"),
		counts("cases_resolved", "cases resolved", "case.resolved"),
		counts("calls", "calls started", "call.started"),
		counts("chats", "chat messages", "chat.messaged"),
	)
}
