package metric

// The slots of members.
const (
	membersAll = iota
	membersActive
	membersEngaged
)

// memberDays is for how long a member stays active: three times four weeks.
const memberDays = 84

// members is who is in the loyalty programme, and uses it.
func members() *Census {
	return &Census{
		Name:  "members",
		Title: "Members of the loyalty programme",
		Definition: "Members, by any enrolment and any points earned or redeemed so far; those of them who used the programme in the last 84 days, " +
			"and those who engaged at all in the last 28. What goes in and out of accounts is in v_loyalty.",
		Source: "active rate: active members / members",
		FedBy:  "loyalty.enrolled, points.earned and points.redeemed; engaged by qualifying events",
		Measures: []Measure{
			{Name: "members", Definition: "customers who are members", Unit: "customers", Slot: membersAll},
			{Name: "active", Definition: "members who enrolled, earned or redeemed in the 84 days up to the day", Unit: "customers", Slot: membersActive},
			{Name: "engaged", Definition: "members with a qualifying event in the 28 days up to the day", Unit: "customers", Slot: membersEngaged},
		},
		Figures: []Figure{
			{Name: "active_rate", Title: "Active members", Definition: "share of members who used the programme in 84 days", Unit: "share", SQL: "active / members", Cases: "members", Least: 10},
			{Name: "engaged_rate", Title: "Engaged members", Definition: "share of members who engaged in 28 days", Unit: "share", SQL: "engaged / members", Cases: "members", Least: 10},
		},
		Ordered: true, // who is known when a day is counted, has come by then
		Reads:   []string{"member", "days_engaged"},
		Counts: func(p *Person, t *Tally) {
			newest, member := p.Who.Member()
			if !member {
				return
			}
			row := t.Row()
			row.Count(membersAll)
			row.CountIf(p.Day-newest < memberDays, membersActive)
			row.CountIf(p.Engaged.Within(p.Day, monthDays), membersEngaged)
		},
	}
}
