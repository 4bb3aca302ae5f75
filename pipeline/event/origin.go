package event

// Origin is what the carrier of a foreign event knows of it, for what the event
// itself may lack.
type Origin struct {
	ID       []byte // the same whenever it is read again, and of nothing else; empty for none
	Received int64  // Unix ms, when the carrier stored it; 0 for unknown
	Sent     int64  // Unix ms by the sender's clock, of all events of one envelope; 0 for unknown
}
