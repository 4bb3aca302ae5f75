package metric

import "ebb/pipeline/vocabulary"

// The slots of redundant.
const (
	redundantOffers = iota
	redundantOwned
	redundantDeclined
	redundantAll
)

// redundant is how often the company offers what nobody needs.
func redundant() *Metric {
	return &Metric{
		Name:  "redundant",
		Title: "Redundant offers",
		Definition: "Messages about a product, and those about one that the customer already owns, of the four that they bought last, or has " +
			"declined: returned, or opted out of messages about, of the last two.",
		FedBy:   "message.sent with a product, and orders, returns and opt-outs with one",
		By:      []Dimension{Channel()},
		ByClass: true,
		Measures: []Measure{
			{Name: "offers", Definition: "messages of the company about a product", Unit: "messages", Slot: redundantOffers},
			{Name: "owned", Definition: "of them, those about one that the customer owns", Unit: "messages", Slot: redundantOwned},
			{Name: "declined", Definition: "of them, those about one that the customer has declined", Unit: "messages", Slot: redundantDeclined},
			{Name: "redundant", Definition: "of them, those of either kind", Unit: "messages", Slot: redundantAll},
		},
		Figures: []Figure{{
			Name: "redundant_share", Title: "Redundant", Definition: "share of the offers that are about what the customer owns or has declined", Unit: "share",
			SQL: "redundant / offers", Cases: "offers", Least: 10,
		}},
		AtMost:  300,
		Ordered: true,
		Reads:   []string{"products"},
		Takes:   func(class *vocabulary.Class, _ string) bool { return class.Contacts },
		Counts: func(e *Event, row *Row) bool {
			if len(e.Product) == 0 {
				return false
			}
			row.Count(redundantOffers)
			owned, declined := e.Who.offered(e.Product)
			if owned {
				row.Count(redundantOwned)
			}
			if declined {
				row.Count(redundantDeclined)
			}
			if owned || declined {
				row.Count(redundantAll)
			}

			return true
		},
	}
}
