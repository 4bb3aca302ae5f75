package metric

import "ebb/pipeline/vocabulary"

// The slots of conversions.
const (
	conversionsEvents = iota
	conversionsLeads
	conversionsNew
	conversionsOfLeads
	conversionsOrders
)

// conversions is what touches lead to.
func conversions() *Metric {
	touch := func(name, definition string, of func(Who) (uint8, bool)) Dimension {
		return Dimension{
			Name: name, Definition: definition,
			Of: func(e *Event) string {
				channel, there := of(e.Who)
				if !there {
					return Untouched
				}

				return e.channelName(channel)
			},
		}
	}

	return &Metric{
		Name:  "conversions",
		Title: "Leads and conversions by touch",
		Definition: "Customers who become leads, leads and others who order for the first time, and orders, by the channels of the customer's first " +
			"and newest touch before. A touch is an event of a person whose type is of the stages awareness or consideration.",
		FedBy: "lead.submitted, account.signed_up, and types whose value is paid, such as order.completed",
		By: []Dimension{
			touch("first_touch", "channel of the customer's first touch; untouched where there was none", Who.FirstTouch),
			touch("last_touch", "channel of the newest touch; untouched where there was none", Who.LastTouch),
		},
		Code: func(e *Event) (uint32, bool) {
			first, there := e.Who.FirstTouch()
			if !there {
				return 1 << 16, true
			}
			last, _ := e.Who.LastTouch()

			return uint32(first)<<8 | uint32(last), true
		},
		Measures: []Measure{
			{Name: "events", Definition: "events by which customers became leads, and orders", Unit: "events", Slot: conversionsEvents},
			{Name: "leads", Definition: "customers who became a lead, by their first lead.submitted or account.signed_up", Unit: "customers", Slot: conversionsLeads},
			{Name: "new_customers", Definition: "customers who ordered for the first time", Unit: "customers", Slot: conversionsNew},
			{Name: "converted", Definition: "of them, those who had become a lead before", Unit: "customers", Slot: conversionsOfLeads},
			{Name: "orders", Definition: "orders, first ones included", Unit: "orders", Slot: conversionsOrders},
		},
		Figures: []Figure{
			{
				Name: "conversion_rate", Title: "Conversion rate",
				Definition: "leads that ordered for the first time per customer who became a lead, both in the window", Unit: "ratio",
				SQL: "converted / leads", Cases: "leads", Least: 10,
			},
			{
				Name: "new_share", Title: "First orders", Definition: "share of the orders that were a customer's first", Unit: "share",
				SQL: "new_customers / orders", Cases: "orders", Least: 10,
			},
		},
		AtMost:  512,
		Ordered: true,
		Reads:   []string{"touch"},
		Takes: func(class *vocabulary.Class, name string) bool {
			return People(class, name) && (class.Money == vocabulary.MoneyIn || name == "lead.submitted" || name == "account.signed_up")
		},
		Counts: func(e *Event, row *Row) bool {
			switch {
			case e.orders():
				row.Count(conversionsOrders)
				if !e.Who.Ordered() {
					row.Count(conversionsNew)
					if e.Who.Lead() {
						row.Count(conversionsOfLeads)
					}
				}
			case e.leads() && !e.Who.Lead():
				row.Count(conversionsLeads)
			default:
				return false
			}
			row.Count(conversionsEvents)

			return true
		},
	}
}
