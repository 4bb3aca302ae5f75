package metric

// proxyRanks is what percentile a value of a proxy is.
func proxyRanks() *Derived {
	rank := figure("percentile", "Percentile", "percent", "customers of lower bins, and half of those of this one, of a hundred with any", "100 * (lower + customers / 2) / with_any")
	rank.Cases, rank.Least = "with_any", 20

	return &Derived{
		Name:       "proxy_ranks",
		Title:      "Percentile of a value of a proxy",
		Definition: "For each bin of values of a proxy of engagement (see v_proxies) at which percentile of customers its values are.",
		Source:     "mid-rank percentile; a value is not told from others of its bin, so it is off by half of the bin's share at most (percentile_error)",
		FedBy:      "as v_proxies",
		Columns: []Column{
			{Name: "day", Role: InTime, Definition: "day of the calendar, in the time zone of calendar.zone"},
			dimension("proxy", "cognitive, emotional or behavioural"),
			dimension("at_least", "least value of the bin"),
			measure("with_any", "customers", "customers with any value of the proxy"),
			measure("lower", "customers", "customers of lower bins"),
			measure("customers", "customers", "customers of the bin"),
			rank,
			derived(detail("percentile_error", "by so much the percentile of a value of the bin can be off"))[0],
		},
	}
}

// proxyPercentiles is what values of a proxy customers have.
func proxyPercentiles() *Derived {
	quantile := func(name, share string) Column {
		c := figure(name, name, "points", "value that "+share+" of the customers are at or below", "quantileExactWeighted of the bins' least values")
		c.Cases, c.Least = "customers", 20

		return c
	}

	return &Derived{
		Name:       "proxy_percentiles",
		Title:      "Percentiles of proxies of engagement",
		Definition: "Percentiles of the proxies of engagement over customers with any; see v_proxies. From exact counts of bins, so each is at most the bin's width below the true one.",
		Source:     "quantiles over bins: at most 12.5 % below the true value from 16 on, exact below; of emotional, at most 5 hundredths below",
		FedBy:      "as v_proxies",
		Columns: []Column{
			{Name: "day", Role: InTime, Definition: "day of the calendar, in the time zone of calendar.zone"},
			dimension("proxy", "cognitive, emotional or behavioural"),
			measure("customers", "customers", "customers with any value of the proxy"),
			quantile("p10", "10 %"), quantile("p25", "25 %"), quantile("p50", "half"), quantile("p75", "75 %"), quantile("p90", "90 %"),
			derived(detail("p50_error", "by so much p50 can be below the true median"))[0],
		},
	}
}
