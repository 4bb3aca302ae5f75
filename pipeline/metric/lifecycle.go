package metric

import "ebb/pipeline/calendar"

// The states of a customer in an interval.
const (
	lifeNew = iota
	lifeReturning
	lifeResurrected
	lifeResting
	lifeDormant
)

// lifecycle is growth accounting: who is new, who stays, who comes back, who is gone.
func lifecycle() *Census {
	intervals := []int{1, weekDays, monthDays}
	names := []string{"day", "week", "28d"}
	states := []string{
		lifeNew: "new", lifeReturning: "returning", lifeResurrected: "resurrected", lifeResting: "resting", lifeDormant: "dormant",
	}

	return &Census{
		Name:  "lifecycle",
		Title: "Customer lifecycle",
		Definition: "Customers who ever engaged, by what they are in the interval up to the end of a calendar day: new (first engaged in it), returning (engaged in it, and in the 28 days before), " +
			"resurrected (engaged in it after 28 days without), resting (not in it, but in the last 28 days), dormant (not in the last 28 days). Each stands once in every interval.",
		Source: "growth accounting, as of Social Capital 2015, \"Accounting for user growth\"",
		FedBy:  "qualifying events",
		By: []CensusDimension{
			{Name: "interval", Definition: "day, week (7 days) or 28d, up to the end of the day", Text: func(v int32) string { return names[v] }},
			{Name: "state", Definition: "new, returning, resurrected, resting or dormant", Text: func(v int32) string { return states[v] }},
		},
		Measures: []Measure{{Name: "customers", Definition: "customers in this state", Unit: "customers"}},
		Reads:    []string{"days_engaged"},
		Counts: func(p *Person, t *Tally) {
			if !p.Engaged.By(p.Day) {
				return // not yet on that day
			}
			dormant := !p.Engaged.Within(p.Day, monthDays)
			for i, interval := range intervals {
				state := int32(lifeDormant)
				if !dormant {
					state = stateIn(p, interval)
				}
				t.At(int32(i*len(states))+state, int32(i), state).Count(0)
			}
		},
	}
}

// stateIn is the state in the interval of so many days up to the day counted, of who is
// not dormant.
func stateIn(p *Person, interval int) int32 {
	before := p.Day - calendar.Day(interval) // the last day before the interval
	switch {
	case !p.Engaged.Within(p.Day, interval):
		return lifeResting
	case p.Engaged.First() > before:
		return lifeNew
	case p.Engaged.Within(before, monthDays):
		return lifeReturning
	default:
		return lifeResurrected
	}
}
