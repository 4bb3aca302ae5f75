package metric

import (
	"ebb/pipeline/vocabulary"
)

// The slots of loyalty.
const (
	loyaltyEvents = iota
	loyaltyEnrolled
	loyaltyEarned
	loyaltyRedeemed
)

// loyalty is what goes in and out of the accounts of points.
func loyalty() *Metric {
	return &Metric{
		Name:       "loyalty",
		Title:      "Loyalty points",
		Definition: "Enrolments, and points that were earned and redeemed, by channel. Points are the value of the event, whatever its sign.",
		Source:     "redemption rate: points redeemed / points earned, in the same window",
		FedBy:      "loyalty.enrolled, points.earned and points.redeemed",
		By:         []Dimension{Channel()},
		ByClass:    true,
		Measures: []Measure{
			{Name: "events", Definition: "enrolments, earnings and redemptions", Unit: "events", Slot: loyaltyEvents},
			{Name: "enrolled", Definition: "enrolments", Unit: "events", Slot: loyaltyEnrolled},
			{Name: "earnings", Definition: "times that points were earned", Unit: "events", Slot: loyaltyEarned},
			{Name: "points_earned", Definition: "points that were earned", Unit: "points", Slot: loyaltyEarned, Sum: true},
			{Name: "redemptions", Definition: "times that points were redeemed", Unit: "events", Slot: loyaltyRedeemed},
			{Name: "points_redeemed", Definition: "points that were redeemed", Unit: "points", Slot: loyaltyRedeemed, Sum: true},
		},
		Figures: []Figure{
			perCase("redemption_rate", "Redemption", "points redeemed per point earned; NULL where no points were", "share",
				"toFloat64(points_redeemed) / nullIf(toFloat64(points_earned), 0)", "earnings"),
		},
		AtMost: 300,
		Takes: func(class *vocabulary.Class, name string) bool {
			return !class.Machine && (name == "loyalty.enrolled" || name == "points.earned" || name == "points.redeemed")
		},
		Counts: func(e *Event, row *Row) bool {
			row.Count(loyaltyEvents)
			switch e.TypeName() {
			case "loyalty.enrolled":
				row.Count(loyaltyEnrolled)
			case "points.earned":
				row.Add(loyaltyEarned, e.amount())
			default:
				row.Add(loyaltyRedeemed, e.amount())
			}

			return true
		},
	}
}
