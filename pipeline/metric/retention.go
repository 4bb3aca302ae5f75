package metric

import (
	"strconv"

	"ebb/pipeline/calendar"
)

// The slots of retention.
const (
	retentionCustomers = iota
	retentionActive
)

// retention is the triangle of cohorts: of those who first engaged in a week, how many
// engage in the weeks after.
func retention() *Census {
	return &Census{
		Name:       "retention",
		Title:      "Retention by weekly cohort",
		Definition: "Of the customers who first engaged in a week, those who engage in each week after it. Weeks begin on Monday in the time zone of calendar.zone, and each is counted once, with its Sunday.",
		FedBy:      "qualifying events",
		By: []CensusDimension{
			{Name: "cohort", Definition: "the Monday of the week of the first engagement, as a date", Text: func(v int32) string { return calendar.Day(v).String() }},
			{Name: "week", Definition: "weeks since then; 0 is the week itself", Text: func(v int32) string { return strconv.Itoa(int(v)) }},
		},
		Measures: []Measure{
			{Name: "customers", Definition: "customers of the cohort, without those who have left; see customers.keep", Unit: "customers", Slot: retentionCustomers},
			{Name: "active", Definition: "of them, those who engaged in the week that ends with the day", Unit: "customers", Slot: retentionActive},
		},
		Figures: []Figure{
			{Name: "retention", Title: "Retention", Definition: "share of the cohort who engaged in the week", Unit: "share", SQL: "active / customers", Cases: "customers", Least: 10},
			{Name: "churn_rate", Title: "Churn rate", Definition: "share of the cohort who did not", Unit: "share", SQL: "1 - active / customers", Cases: "customers", Least: 10},
		},
		Reads: []string{"days_engaged"},
		Counts: func(p *Person, t *Tally) {
			monday := p.Day.Monday()
			if p.Day != monday+weekDays-1 || !p.Engaged.By(p.Day) {
				return
			}
			cohort := p.Engaged.First().Monday()
			row := t.Row(int32(cohort), int32(monday-cohort)/weekDays)
			row.Count(retentionCustomers)
			row.CountIf(p.Engaged.Within(p.Day, weekDays), retentionActive)
		},
	}
}
