package fact

import "ebb/pipeline/churn"

// MoveMark is the body of the control record that says where somebody was active under
// an anonymous id who is known now, and what the model and metrics knew of them. It stands
// in the partition of the known one, follows from a record of a JoinMark, and may come
// twice. It does not hold the anonymous id.
//
// Such a record follows from every later event under the anonymous id alone, too. It holds
// the anonymous id in place of the customer: the partition of the known one knows who said
// last that it is theirs.
type MoveMark struct {
	Customer  string  `json:"customer,omitempty"`  // who they are
	Anonymous string  `json:"anonymous,omitempty"` // the anonymous_id, of a later event
	Home      int     `json:"home,omitempty"`      // the partition of who they are, of a later event
	Partition int     `json:"partition"`           // of the anonymous one
	Sequence  uint64  `json:"sequence"`            // of the record of the join there, or of the later event's
	Late      bool    `json:"late,omitempty"`      // the later event is, and a sign of life alone
	Time      int64   `json:"time"`                // of the event that joined them, or of the later one, Unix ms
	Final     int64   `json:"final"`               // windows that end by then count the anonymous one, Unix ms
	Traces    []Trace `json:"traces"`

	History  *churn.History `json:"history,omitempty"`  // none in records of before there were any
	Columns  []Column       `json:"columns,omitempty"`  // those that move and say something
	Channels []string       `json:"channels,omitempty"` // by the number that columns call them
}

// Column is what was kept of somebody for metrics; see metric.StateColumn.
type Column struct {
	Name  string `json:"name"`
	State []byte `json:"state"`
}

// Trace is where somebody was active in windows that were not final yet.
type Trace struct {
	Kind   string   `json:"kind,omitempty"` // of the events; none: any that count customers
	Newest int64    `json:"newest"`         // the newest of it, to the finest slice, Unix ms
	Active []Slices `json:"active"`
}

// Slices are the parts of time, of one length, in which somebody was active: number i
// begins at i times the length.
type Slices struct {
	Slide int64   `json:"slide_ms"` // their length, and the slide of the windows
	Steps []int64 `json:"steps"`    // the first one's number, then how much that of each is greater
}
