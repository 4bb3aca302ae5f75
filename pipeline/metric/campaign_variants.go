package metric

// campaignVariants compares the arms of A/B tests.
func campaignVariants() *Derived {
	of := func(name, title, definition, formula string) Column {
		c := figure(name, title, "share", definition, formula)
		c.Cases, c.Least = "fewest", 50

		return c
	}
	const newcombe = "Newcombe's method 10 of the Wilson intervals of both shares, at 95 %"

	return &Derived{
		Name:  "campaign_variants",
		Title: "A/B tests of campaigns",
		Definition: "Difference of a rate between each two arms of a campaign, over all of its send days, with the interval in which it lies in 95 of " +
			"100 tests. Where the interval holds 0, the test doesn't tell the arms apart.",
		Source: "Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998), 873-890, method 10",
		FedBy:  "messages of campaigns with properties.variant",
		Columns: []Column{
			{Name: "day", Role: InTime, Definition: "newest send day of the two arms"},
			dimension("campaign", "field campaign of the send"),
			dimension("channel", "channel of the send"),
			dimension("rate", "open_rate, click_rate, click_to_open or conversion_rate; see campaigns"),
			dimension("baseline", "arm that is compared with: the first of the two by name"),
			dimension("variant", "arm that is compared"),
			measure("baseline_cases", "messages", "what the rate of the baseline divides by"),
			measure("baseline_hits", "messages", "what it counts of these"),
			measure("cases", "messages", "what the rate of the variant divides by"),
			measure("hits", "messages", "what it counts of these"),
			measure("fewest", "messages", "cases of the smaller arm"),
			of("difference", "Difference", "rate of the variant less that of the baseline", "hits / cases - baseline_hits / baseline_cases"),
			of("difference_low", "Difference at least", "lower end of its interval", newcombe),
			of("difference_high", "Difference at most", "upper end of its interval", newcombe),
		},
	}
}
