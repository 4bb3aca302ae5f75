package metric

import "strconv"

// The slots of fatigue.
const (
	fatigueEvents = iota
	fatigueSent
	fatigueOptOuts
	fatigueResponses
)

// mostPressure is the pressure from which on pressures are one.
const mostPressure = 50

// fatigue is how customers take messages when there are many.
func fatigue() *Metric {
	return &Metric{
		Name:  "fatigue",
		Title: "Contact fatigue",
		Definition: "Messages of the company, answers to them and opt-outs by contact pressure: how many messages the customer had got on the " +
			"day and the six days before, of UTC. Answers are clicks and replies. By deciles of pressure it is in v_fatigue_deciles.",
		FedBy: "message.sent, and email.clicked, email.replied, message.clicked, message.replied, unsubscribed, opted_out, spam_reported",
		By: []Dimension{{
			Name: "pressure", Definition: "messages of seven days before the event: 0 to 49, 50+",
			Of: func(e *Event) string {
				if n := e.Who.Pressure(e.Time); n < mostPressure {
					return strconv.Itoa(n)
				}

				return strconv.Itoa(mostPressure) + "+"
			},
		}},
		Code: func(e *Event) (uint32, bool) { return uint32(min(e.Who.Pressure(e.Time), mostPressure)), true },
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
		AtMost:  mostPressure + 1,
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
