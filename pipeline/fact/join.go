package fact

// JoinMark is the body of the control record that says who an anonymous customer is. It
// stands in the partition of the anonymous one, and follows from an event that holds both
// ids, which stands in that of the known one. It may come twice; an anonymous customer
// joins once.
type JoinMark struct {
	Anonymous string `json:"anonymous"` // the anonymous_id
	Customer  string `json:"customer"`  // who they are
	Sequence  uint64 `json:"sequence"`  // of the event's record
	Time      int64  `json:"time"`      // of the event, Unix ms
}
