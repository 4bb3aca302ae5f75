package shard

// View looks into a shard between two records, and changes nothing: what is known of a
// customer, who is at risk, how much memory the windows take.
type View struct {
	at         *place
	customers  *people
	detector   *detector
	feed       *feed
	signals    *signals
	out        *outputs
	identities *identities
	windows    int64 // bytes
}

// View gives a view of the shard as it is now, until the next record.
func (s *Shard) View() *View {
	return &View{
		at:         &s.place,
		customers:  &s.customers,
		detector:   &s.detector,
		feed:       &s.feed,
		signals:    &s.signals,
		out:        &s.out,
		identities: &s.identities,
		windows:    s.windows.Bytes(),
	}
}

// Memory is how much a shard's windows and its ring of identities hold.
type Memory struct {
	Identities int   // of events, remembered to find duplicates
	Ring       int64 // bytes that hold them; they grow with the events within the lateness, not with customers
	Windows    int64 // bytes of the windows of all keys, and of when customers were active in them
}

// Memory says how much memory the shard's windows and its ring hold, beside
// the table of customers.
func (v *View) Memory() Memory {
	return Memory{Identities: v.identities.ring.Len(), Ring: v.identities.ring.Bytes(), Windows: v.windows}
}
