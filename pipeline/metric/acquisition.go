package metric

// acquisition is what a lead, an account and a purchase cost.
func acquisition() *Derived {
	per := func(name, title, definition, of string) Column {
		c := figure(name, title, "currency", definition, "cost / "+of)
		c.Cases, c.Least = of, 10

		return c
	}

	return &Derived{
		Name:  "acquisition",
		Title: "Cost of acquisition",
		Definition: "What was spent on a campaign, and what it cost per lead, account and purchase that name the campaign, in the same window. " +
			"What comes of a campaign without naming it is not in it.",
		Source: "cost per action: cost / actions, acquisitions (leads, accounts) and purchases apart",
		FedBy:  "spend.recorded, and lead.submitted, account.signed_up and order.completed with the field campaign",
		Columns: []Column{
			{Name: "window_end", Role: InTime, Definition: "exclusive end of the window, UTC"},
			{Name: "window", Role: InTime, Definition: "length of the window"},
			{Name: "day", Role: InTime, Definition: "that of window_end"},
			dimension("campaign", "field campaign of the costs"),
			dimension("currency", "ISO 4217, of the costs"),
			measure("cost", "currency", "what was spent"),
			measure("leads", "events", "leads of the campaign"),
			measure("accounts", "events", "accounts signed up of the campaign"),
			measure("purchases", "events", "orders and renewals of the campaign"),
			per("cost_per_lead", "Cost per lead", "what a lead cost", "leads"),
			per("cost_per_account", "Cost per account", "what a new account cost", "accounts"),
			per("cost_per_purchase", "Cost per purchase", "what a purchase cost", "purchases"),
		},
	}
}
