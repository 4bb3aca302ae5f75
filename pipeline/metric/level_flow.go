package metric

// levelFlow is who comes to each level of risk, and who leaves it.
func levelFlow() *Derived {
	return &Derived{
		Name:  "level_flow",
		Title: "Flow between risk levels",
		Definition: "Customers who came to each level of risk on a day and who went from it, and by how much the level grew by that. " +
			"A customer who changes twice on a day counts twice. How many customers are in each level is in v_levels, and with what they are worth in v_worth.",
		FedBy: "customers who change their level; see v_signals",
		Columns: []Column{
			{Name: "day", Role: InTime, Definition: "day of the change, UTC"},
			dimension("level", "healthy, cooling, at_risk or lapsed"),
			measure("inflow", "changes", "changes to the level"),
			measure("outflow", "changes", "changes from it"),
			measure("worse", "changes", "of inflow, changes from a better level"),
			measure("better", "changes", "of inflow, changes from a worse one"),
			measure("net", "changes", "inflow less outflow; below 0 where the level shrank"),
		},
	}
}
