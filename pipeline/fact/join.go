package fact

// JoinMark is the body of the control record that says who an anonymous customer is. It
// stands in the partition of the anonymous one, and follows from an event that holds both
// ids, which stands in that of the known one. It comes again where the customer is
// there under both ids later, and may come twice: of several people on one device the last
// one counts for what comes then under the anonymous id alone.
type JoinMark struct {
	Anonymous string `json:"anonymous"` // the anonymous_id
	Customer  string `json:"customer"`  // who they are
	Sequence  uint64 `json:"sequence"`  // of the event's record
	Time      int64  `json:"time"`      // of the event, Unix ms
}
