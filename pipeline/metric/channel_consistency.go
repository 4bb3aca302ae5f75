package metric

// channelConsistency is whether people are as satisfied on one channel as on another.
func channelConsistency() *Derived {
	spread := func(name, title, definition, sql string) Column {
		c := figure(name, title, "share", definition, sql)
		c.Cases, c.Least = "channels", 2

		return c
	}

	return &Derived{
		Name:  "channel_consistency",
		Title: "Consistency of channels",
		Definition: "How far the satisfaction (CSAT) of channels lies apart, of those with ten answers or more in the window; NULL below two of these. " +
			"Whether the same issue is raised again on another channel is in v_recontact.",
		Source: "range and population standard deviation of the channels' shares",
		FedBy:  "answers to CSAT on two channels or more",
		Columns: []Column{
			{Name: "window_end", Role: InTime, Definition: "exclusive end of the window, UTC"},
			{Name: "window", Role: InTime, Definition: "length of the window"},
			{Name: "day", Role: InTime, Definition: "that of window_end"},
			measure("answers", "answers", "answers on all channels, those with few included"),
			measure("channels", "channels", "channels with ten answers or more"),
			derived(detail("best", "the channel with the highest CSAT of these"))[0],
			derived(detail("worst", "the one with the lowest"))[0],
			spread("csat_range", "Range of CSAT", "CSAT of the best channel less that of the worst", "max(csat) - min(csat) over channels"),
			spread("csat_deviation", "Spread of CSAT", "standard deviation of CSAT over channels, each counted once", "stddevPop(csat) over channels"),
		},
	}
}
