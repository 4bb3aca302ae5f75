package metric

import "ebb/pipeline/vocabulary"

// touchBytes is the width of the column: a bit each for whether there was a touch, a
// lead and an order, and the channels of the first and the newest touch.
const touchBytes = 3

// The bits.
const (
	touched = 1 << iota
	led
	ordered
)

// Untouched is the channel of the touches of customers who had none.
const Untouched = "untouched"

// touchColumn is what brought a customer near.
func touchColumn() *StateColumn {
	return &StateColumn{
		Name: "touch",
		Definition: "Channels of the first and the newest touch, an event of a type of the stages awareness or consideration that does not " +
			"speak against the relation, and whether the customer has become a lead and has ordered.",
		Bytes: touchBytes,
		at:    atTouch,
		Takes: func(class *vocabulary.Class, name string) bool {
			return People(class, name) && (class.Money == vocabulary.MoneyIn || makesLead(name) || touches(class))
		},
		Observe: func(e *Event, state []byte) {
			switch {
			case e.orders():
				state[0] |= ordered
			case e.leads():
				state[0] |= led
			default: // it is a touch, see Takes
				if state[0]&touched == 0 {
					state[1] = e.Class.Channel
				}
				state[0] |= touched
				state[2] = e.Class.Channel
			}
		},
	}
}

// touches says whether events of a person bring them near.
func touches(class *vocabulary.Class) bool {
	return (class.Stage == vocabulary.Awareness || class.Stage == vocabulary.Consideration) && !class.Negative
}

// makesLead says whether events of a type make a person a lead.
func makesLead(name string) bool { return name == "lead.submitted" || name == "account.signed_up" }

// leads says whether an event of a person makes them a lead.
func (e *Event) leads() bool { return makesLead(e.TypeName()) }

// orders says whether an event of a person is an order: its value is what they pay.
func (e *Event) orders() bool { return e.Class.Money == vocabulary.MoneyIn }

// channelName is the name of a channel of a column; other where this vocabulary has
// none of it.
func (e *Event) channelName(channel uint8) string {
	if int(channel) < len(e.Vocabulary.ChannelNames) {
		return e.Vocabulary.ChannelNames[channel]
	}

	return vocabulary.ChannelOther
}

// FirstTouch is the channel of the customer's first touch; false where there was none.
func (w Who) FirstTouch() (channel uint8, there bool) {
	if w == nil {
		return 0, false
	}

	return w[atTouch+1], w[atTouch]&touched != 0
}

// LastTouch is the channel of the newest one.
func (w Who) LastTouch() (channel uint8, there bool) {
	if w == nil {
		return 0, false
	}

	return w[atTouch+2], w[atTouch]&touched != 0
}

// Lead says whether the customer has become a lead.
func (w Who) Lead() bool { return w != nil && w[atTouch]&led != 0 }

// Ordered says whether the customer has ever ordered.
func (w Who) Ordered() bool { return w != nil && w[atTouch]&ordered != 0 }
