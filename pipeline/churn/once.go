package churn

// CameOnce says whether all that is known of a customer is one visit: from the
// first to the latest engagement it is no more than the pause between visits.
// There is no pause of theirs to measure a silence by.
func (m *Model) CameOnce(s *State) bool {
	return s.Known() && float64(s.last-s.First()) <= visitPause*float64(m.config.Horizon)
}
