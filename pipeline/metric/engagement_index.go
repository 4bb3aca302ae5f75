package metric

// engagementIndex is one number for how much customers engage.
func engagementIndex() *Derived {
	index := figure("engagement_index", "Engagement index", "points", "100 is as in the four weeks before",
		"100 * points_per_customer / (usual_points / usual_customers)")
	index.Cases, index.Least = "usual_customers", 40
	each := figure("points_per_customer", "Points per customer", "points", "of the customers active in the week", "points / customers")
	each.Cases, each.Least = "customers", 10

	return &Derived{
		Name:  "engagement_index",
		Title: "Engagement index",
		Definition: "Weighted engagement per active customer in 7 days, against that of the four weeks before, which is 100. " +
			"NULL while one of these weeks has no window.",
		FedBy: "every event but exposures, for five weeks",
		Columns: []Column{
			{Name: "window_end", Role: InTime, Definition: "exclusive end of the 7 days, UTC"},
			{Name: "day", Role: InTime, Definition: "that of window_end"},
			measure("customers", "customers", "exact distinct customers who were active in the 7 days"),
			measure("points", "points", "their weighted engagement"),
			measure("usual_customers", "customers", "customers of the four weeks before, each week counted apart"),
			measure("usual_points", "points", "weighted engagement of the four weeks before"),
			each,
			index,
		},
	}
}
