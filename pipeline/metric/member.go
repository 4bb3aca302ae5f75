package metric

import (
	"encoding/binary"
	"slices"

	"ebb/pipeline/calendar"
	"ebb/pipeline/vocabulary"
)

// memberBytes is the width of the column: the newest day of loyalty, plus ahead; 0 for
// none.
const memberBytes = 4

// memberColumn is whether a customer is in the loyalty programme.
func memberColumn() *StateColumn {
	types := []string{"loyalty.enrolled", "points.earned", "points.redeemed"}

	return &StateColumn{
		Name: "member",
		Definition: "The newest day on which the customer enrolled in the loyalty programme, earned points or redeemed some, in the time zone of calendar.zone: " +
			"whoever has one is a member. Of who signs in: the newest day of both ids.",
		Bytes: memberBytes,
		at:    atMember,
		Takes: func(class *vocabulary.Class, name string) bool { return !class.Machine && slices.Contains(types, name) },
		Observe: func(e *Event, state []byte) {
			binary.LittleEndian.PutUint32(state, max(binary.LittleEndian.Uint32(state), uint32(e.Day+ahead)))
		},
		Merge: func(into, from []byte) { // the newest day of both
			le := binary.LittleEndian
			if day := le.Uint32(from); day <= newestDay {
				le.PutUint32(into, max(le.Uint32(into), day))
			}
		},
	}
}

// Member is the newest day of loyalty of a member; false for who is none.
func (w Who) Member() (day calendar.Day, member bool) {
	if w == nil {
		return 0, false
	}
	day = calendar.Day(binary.LittleEndian.Uint32(w[atMember:]))

	return day - ahead, day != 0
}
