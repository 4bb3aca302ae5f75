package metric

// The slots of reachDaily.
const (
	reachCustomers = iota
	reachDay
	reachWeek
	reachMonth
)

// Days of a week, and of what is called a month: four weeks, so that every one has as
// many weekends.
const (
	weekDays  = 7
	monthDays = 28
)

// reachDaily is how many customers are active, by calendar day.
func reachDaily() *Census {
	return &Census{
		Name:       "reach_daily",
		Title:      "Daily reach",
		Definition: "Customers who were active on a calendar day, in the 7 and in the 28 days up to it, and how many are known. Active is any event of theirs; what the company sends and what machines do is none.",
		FedBy:      "every event but exposures",
		Measures: []Measure{
			{Name: "customers", Definition: "customers who are known when the day is counted, by any event of theirs or of the company", Unit: "customers", Slot: reachCustomers},
			{Name: "dau", Definition: "customers active on the day", Unit: "customers", Slot: reachDay},
			{Name: "wau", Definition: "customers active in the 7 days up to it", Unit: "customers", Slot: reachWeek},
			{Name: "mau", Definition: "customers active in the 28 days up to it", Unit: "customers", Slot: reachMonth},
		},
		Figures: []Figure{
			{
				Name: "stickiness", Title: "Stickiness", Definition: "share of the customers of 28 days who were active on the day", Unit: "share",
				SQL: "dau / mau", Cases: "mau", Least: 10,
			},
			{
				Name: "weekly_stickiness", Title: "Weekly stickiness", Definition: "share of the customers of 7 days who were active on the day", Unit: "share",
				SQL: "dau / wau", Cases: "wau", Least: 10,
			},
		},
		Ordered: true, // who is known when a day is counted, has come by then
		Reads:   []string{"days_seen"},
		Counts: func(p *Person, t *Tally) {
			row := t.Row()
			row.Count(reachCustomers)
			row.CountIf(p.Seen.Within(p.Day, 1), reachDay)
			row.CountIf(p.Seen.Within(p.Day, weekDays), reachWeek)
			row.CountIf(p.Seen.Within(p.Day, monthDays), reachMonth)
		},
	}
}
