package metric

// The slots of fatigue.
const (
	fatigueEvents = iota
	fatigueSent
	fatigueOptOuts
	fatigueResponses
)

// fatigue is how customers take messages when there are many.
func fatigue() *Metric {
	return &Metric{
		Name:  "fatigue",
		Title: "Contact fatigue",
		Definition: "Messages of the company, answers to them and opt-outs by contact pressure: how many messages the customer had got on the " +
			"day and the six days before, of UTC. Answers are clicks and replies.",
		FedBy: "message.sent, and email.clicked, email.replied, message.clicked, message.replied, unsubscribed, opted_out, spam_reported",
		By: []Dimension{{
			Name: "pressure", Definition: "messages of seven days before the event: 0, 1, 2, 3-4, 5-7, 8-14, 15+",
			Of: func(e *Event) string {
				switch n := e.Who.Pressure(e.Time); {
				case n == 0:
					return "0"
				case n == 1:
					return "1"
				case n == 2:
					return "2"
				case n <= 4:
					return "3-4"
				case n <= 7:
					return "5-7"
				case n <= 14:
					return "8-14"
				}

				return "15+"
			},
		}},
		Measures: []Measure{
			{Name: "events", Definition: "messages, answers and opt-outs", Unit: "events", Slot: fatigueEvents},
			{Name: "sent", Definition: "messages of the company", Unit: "messages", Slot: fatigueSent},
			{Name: "opt_outs", Definition: "events by which customers opt out", Unit: "events", Slot: fatigueOptOuts},
			{Name: "responses", Definition: "clicks and replies", Unit: "events", Slot: fatigueResponses},
		},
		Figures: []Figure{
			{
				Name: "opt_outs_per_thousand", Title: "Opt-outs per 1,000 messages", Definition: "at this pressure", Unit: "events",
				SQL: "1000 * opt_outs / sent", Cases: "sent", Least: 100,
			},
			{
				Name: "response_rate", Title: "Answers per message", Definition: "clicks and replies per message at this pressure", Unit: "ratio",
				SQL: "responses / sent", Cases: "sent", Least: 10,
			},
		},
		AtMost:  8,
		Ordered: true,
		Reads:   []string{"contacts"},
		Takes:   pressing,
		Counts: func(e *Event, row *Row) bool {
			row.Count(fatigueEvents)
			switch name := e.TypeName(); {
			case e.Class.Contacts:
				row.Count(fatigueSent)
			case optsOut(name):
				row.Count(fatigueOptOuts)
			default:
				row.Count(fatigueResponses)
			}

			return true
		},
	}
}
