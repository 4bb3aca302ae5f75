package shard

// Memory is how much a shard's windows and its ring of identities hold.
type Memory struct {
	Identities int   // of events, remembered to find duplicates
	Ring       int64 // bytes that hold them; they grow with the events within the lateness, not with customers
	Windows    int64 // bytes of the windows of all keys, and of when customers were active in them
}

// Memory says how much memory the shard's windows and its ring hold, beside
// the table of customers.
func (s *Shard) Memory() Memory {
	return Memory{Identities: s.ring.Len(), Ring: s.ring.Bytes(), Windows: s.windows.Bytes()}
}
