package metric

import (
	"encoding/binary"
	"math"

	"ebb/pipeline/vocabulary"
)

// contactsBytes is the width of the column: 2 the day of which it tells, and 1 how many
// messages there were on each of the seven days up to it, by the day modulo 7.
const contactsBytes = 2 + contactDays

// contactDays is over how many days contact pressure adds up.
const contactDays = 7

// contactsColumn is how often the company writes to a customer.
func contactsColumn() *StateColumn {
	return &StateColumn{
		Name: "contacts",
		Definition: "Contact pressure: messages of the company on each of the last seven days, of UTC, up to 255 a day. One that comes late " +
			"counts on the newest day.",
		Bytes: contactsBytes,
		at:    atContacts,
		Takes: pressing,
		Observe: func(e *Event, state []byte) {
			day := contactDay(state, e.Time)
			moveContacts(state, day)
			if e.Class.Contacts {
				count := &state[2+day%contactDays]
				*count = min(*count, math.MaxUint8-1) + 1
			}
		},
	}
}

// pressing are the messages of the company, and what tells how customers take them.
func pressing(class *vocabulary.Class, name string) bool {
	return class.Contacts || People(class, name) && (optsOut(name) || responds(name))
}

// optsOut says whether events of a type end the permission to write.
func optsOut(name string) bool {
	return name == "unsubscribed" || name == "opted_out" || name == "spam_reported"
}

// responds says whether events of a type answer a message. Opening it does not.
func responds(name string) bool {
	return name == "email.clicked" || name == "email.replied" || name == "message.clicked" || name == "message.replied"
}

// contactDay is the day on which an event counts: its own, or the newest so far.
func contactDay(state []byte, at int64) uint16 {
	return max(uint16(at/86_400_000), binary.LittleEndian.Uint16(state))
}

// moveContacts moves the column to a day, which is not before its own.
func moveContacts(state []byte, day uint16) {
	last := binary.LittleEndian.Uint16(state)
	if day-last >= contactDays {
		clear(state[2:])
	} else {
		for d := last + 1; d <= day; d++ {
			state[2+d%contactDays] = 0
		}
	}
	binary.LittleEndian.PutUint16(state, day)
}

// Pressure is how many messages the customer got in the seven days, of UTC, up to that
// of a time, as far as they had come by then.
func (w Who) Pressure(at int64) (messages int) {
	if w == nil {
		return 0
	}
	var state [contactsBytes]byte
	copy(state[:], w[atContacts:])
	moveContacts(state[:], contactDay(state[:], at))
	for _, n := range state[2:] {
		messages += int(n)
	}

	return messages
}
