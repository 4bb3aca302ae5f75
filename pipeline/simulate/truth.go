package simulate

// Loss is what nobody outside of a simulation knows of a customer.
type Loss struct {
	Customer string
	Joined   int64 // first visit, Unix ms
	LostAt   int64 // does nothing from then on; 0: still there at the end
}

// Truth is about every customer who had joined before the end, in the order
// in which they were drawn.
func (s *Simulator) Truth() []Loss {
	truth := make([]Loss, 0, len(s.people))
	for i, p := range s.people {
		if p.joined >= s.end {
			continue
		}
		loss := Loss{Customer: s.ids[i], Joined: p.joined}
		if p.lost < s.end {
			loss.LostAt = p.lost
		}
		truth = append(truth, loss)
	}

	return truth
}
