package metric

// cac is what a new customer costs.
func cac() *Derived {
	per := func(name, title, definition, of string) Column {
		c := figure(name, title, "currency", definition, "cost / "+of)
		c.Cases, c.Least = of, 10

		return c
	}

	return &Derived{
		Name:  "cac",
		Title: "Cost of a new customer",
		Definition: "All that was spent in a window, and what it comes to for each new customer. What a lead, an account and a purchase of a campaign cost is in v_acquisition. " +
			"Where costs are in several currencies, each is divided by all new customers.",
		Source: "customer acquisition cost: cost / new customers of the same span",
		FedBy:  "spend.recorded, and customers who order for the first time; newly_engaged by v_lifecycle",
		Columns: []Column{
			{Name: "window_end", Role: InTime, Definition: "exclusive end of the window, UTC"},
			{Name: "window", Role: InTime, Definition: "length of the window"},
			{Name: "day", Role: InTime, Definition: "that of window_end"},
			dimension("currency", "ISO 4217, of the costs"),
			measure("cost", "currency", "what was spent"),
			measure("new_customers", "customers", "customers who ordered for the first time"),
			measure("first_orders_of_leads", "customers", "of them, those who had become a lead before"),
			measure("newly_engaged", "customers", "customers new by v_lifecycle in the day, week or 28 days up to the day that ends at window_end; 0 for other windows"),
			per("cac", "CAC", "what a customer who orders for the first time costs", "new_customers"),
			per("cost_per_engaged", "Cost per newly engaged", "what a customer who engages for the first time costs", "newly_engaged"),
		},
	}
}
