package metric

import (
	"encoding/binary"
	"math"

	"ebb/pipeline/vocabulary"
)

// What a session is. The gap is what web analytics have in common; the rest is the
// page-ping method, see sessions.go.
const (
	sessionGap = 30 * 60_000 // ms without an event end it
	heartbeat  = 10_000      // ms: of the pings in each of these one counts
	minVisit   = 5_000       // ms that the first ping of a session stands for
)

// sessionBytes is the width of the column: 6 the newest event (its time and 1 ms; 0
// before the first), 4 the newest ten seconds with a ping in this session (counted from
// 1970 on, and 1; 0 for none), 1 the channel on which the session began, 1 whether it
// went on, 2 how many sessions there were, 4 seconds of engaged time in all.
const sessionBytes = 18

// sessionColumn is what a customer's newest session was like.
func sessionColumn() *StateColumn {
	return &StateColumn{
		Name: "session",
		Definition: "Sessions: the newest event, the channel on which its session began, how many sessions there were, and engaged time " +
			"in all. A session ends where 30 minutes pass without an event.",
		Bytes: sessionBytes,
		at:    atSession,
		Takes: People,
		Observe: func(e *Event, state []byte) {
			v := e.visit()
			le := binary.LittleEndian
			if v.begins {
				clear(state[6:12])
				state[10] = v.channel
				le.PutUint16(state[12:], min(le.Uint16(state[12:]), math.MaxUint16-1)+1)
			} else {
				state[11] = 1
			}
			putMoment(state, max(momentOf(state), e.Time))
			if e.pings() {
				le.PutUint32(state[6:], max(le.Uint32(state[6:]), uint32(e.Time/heartbeat+1)))
				le.PutUint32(state[14:], uint32(min(uint64(le.Uint32(state[14:]))+uint64(v.engaged/1000), math.MaxUint32)))
			}
		},
	}
}

// putMoment writes a time in Unix ms, -1 for none, in 6 bytes, which are 0 for none.
func putMoment(state []byte, at int64) {
	binary.LittleEndian.PutUint32(state, uint32(at+1))
	binary.LittleEndian.PutUint16(state[4:], uint16((at+1)>>32))
}

// momentOf reads what putMoment wrote.
func momentOf(state []byte) int64 {
	return int64(binary.LittleEndian.Uint32(state)) + int64(binary.LittleEndian.Uint16(state[4:]))<<32 - 1
}

// visit is what an event means to the sessions of its customer.
type visit struct {
	begins  bool  // a session
	goesOn  bool  // the session has its second event
	channel uint8 // on which the session began
	active  int64 // ms since the event before it, of the same session
	engaged int64 // ms of engaged time that it adds
}

// visit is what the event means, which is found out once.
func (e *Event) visit() *visit {
	if !e.visited {
		e.visits, e.visited = e.visitOf(), true
	}

	return &e.visits
}

// visitOf follows from the column as it was before the event, of a person. An event that is older
// than the newest one before it neither begins nor lengthens a session.
func (e *Event) visitOf() (v visit) {
	var nothing [sessionBytes]byte
	state := nothing[:]
	if e.Who != nil {
		state = e.Who[atSession : atSession+sessionBytes]
	}
	newest, pinged := momentOf(state), binary.LittleEndian.Uint32(state[6:])
	v.channel = state[10]
	if newest < 0 || e.Time > newest+sessionGap {
		v.begins, v.channel, pinged = true, e.Class.Channel, 0
	} else {
		v.goesOn = state[11] == 0
		v.active = max(e.Time-newest, 0)
	}
	switch {
	case !e.pings():
	case pinged == 0:
		v.engaged = minVisit
	case uint32(e.Time/heartbeat+1) > pinged:
		v.engaged = heartbeat
	}

	return v
}

// pings says whether the event is a sign that somebody still looks at a page.
func (e *Event) pings() bool {
	if e.Class.Kind != vocabulary.Micro {
		return false
	}
	name := e.TypeName()

	return name == "page.pinged" || name == "screen.pinged"
}

// Sessions are how many sessions the customer has begun, up to 65,535.
func (w Who) Sessions() int {
	if w == nil {
		return 0
	}

	return int(binary.LittleEndian.Uint16(w[atSession+12:]))
}

// EngagedSeconds is the customer's engaged time in all.
func (w Who) EngagedSeconds() int64 {
	if w == nil {
		return 0
	}

	return int64(binary.LittleEndian.Uint32(w[atSession+14:]))
}

// LastSeen is when the customer's own newest event was, Unix ms; false before the first.
func (w Who) LastSeen() (at int64, seen bool) {
	if w == nil {
		return 0, false
	}
	at = momentOf(w[atSession:])

	return at, at >= 0
}
