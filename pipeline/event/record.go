package event

// Lane says on which subject of the input stream a record came, and so which
// rights its publisher had.
type Lane uint8

// The lanes of the input stream.
const (
	LaneEvent   Lane = iota // engagement.p.<n>: what producers send
	LaneControl             // engagement.c.<n>: ticks and facts of the owners and the coordinator
	LaneHistory             // engagement.h.<n>: imported events, and the marks and ticks of their import
)

// Record is one message of a partition's input, in stream order. Data is only
// read, never changed, and belongs to the record. One of history may hold many
// rows: each of them is an event with a clock of its own.
type Record struct {
	Sequence  uint64 // in the input stream, from 1
	Stored    int64  // Unix ms, when the server stored it
	Clock     int64  // Unix ms; the store time, or in an import the time in its header
	Partition int
	Subject   string // on which it was stored; "" where that is not known
	Lane      Lane
	Control   Control // ControlNone for an event
	Forged    bool    // a header reserved for ebb where producers write, or no seal of ebb's where they don't
	Unclocked bool    // a history record without a readable clock; Clock is its store time
	Rows      int     // rows of history that Data holds, see SplitRows; 0 where it is one event; below 0 where that can't be read
	Row       int     // in the shard: which of the rows it is, from 1; 0 where it is no row
	Data      []byte
}

// Control is the type of a control record, the value of its Ebb-Control
// header.
type Control uint8

// The control records.
const (
	ControlNone      Control = iota
	ControlTick              // nothing but a clock
	ControlModel             // population parameters of the churn model
	ControlAlerts            // how many customers may be alerted of
	ControlStart             // an import begins
	ControlEnd               // an import ends, or was aborted
	ControlConfig            // another configuration, in force from here on
	ControlForget            // a customer is forgotten
	ControlForgotten         // one was, whose record was erased
	ControlErased            // what was to be erased is
	ControlRemains           // rows of others, out of a record of history that was erased
	ControlJoin              // an anonymous customer is a known one
	ControlMove              // where that one was active, for the known one
	ControlUnknown           // a type this version does not know
)

// ParseControl reads the value of an Ebb-Control header.
func ParseControl(name string) Control {
	switch name {
	case "":
		return ControlNone
	case "tick":
		return ControlTick
	case "model":
		return ControlModel
	case "alerts":
		return ControlAlerts
	case "start":
		return ControlStart
	case "end":
		return ControlEnd
	case "config":
		return ControlConfig
	case "forget":
		return ControlForget
	case "forgotten":
		return ControlForgotten
	case "erased":
		return ControlErased
	case "remains":
		return ControlRemains
	case "join":
		return ControlJoin
	case "move":
		return ControlMove
	}

	return ControlUnknown
}

// String is the value of the Ebb-Control header.
func (c Control) String() string {
	return [...]string{"", "tick", "model", "alerts", "start", "end", "config", "forget", "forgotten", "erased", "remains", "join", "move", "unknown"}[c]
}

// Headers reserved for ebb. A producer that sets one gets its event back as a
// dead letter.
const (
	HeaderControl   = "Ebb-Control"
	HeaderClock     = "Ebb-Clock" // Unix ms
	HeaderReason    = "Ebb-Reason"
	HeaderRows      = "Ebb-Rows" // of history: how many rows the body holds
	HeaderSequence  = "Ebb-Sequence"
	HeaderRow       = "Ebb-Row" // which row of the record it was, from 1
	HeaderPartition = "Ebb-Partition"
	HeaderError     = "Ebb-Error"
	HeaderSubject   = "Ebb-Subject" // on which the record was stored
	HeaderEra       = "Ebb-Era"     // Unix ms; when the record's stream was made
	HeaderSize      = "Ebb-Size"    // bytes of the record; only where the letter holds fewer
)
