package pipeline

// clockOf says what time the shard has once it takes the record. Time is
// input: live it is the time at which the record was stored, in an import the
// time in the record's header. It never goes backwards, and inside an import
// only the import moves it: a frozen history stays frozen while owners tick.
func (s *Shard) clockOf(record *Record) int64 {
	if record.Unclocked {
		return s.clock // its Clock is the store time, which has no say in an import
	}
	if s.imported.open && record.Lane != LaneHistory {
		return s.clock
	}
	if !s.imported.open && record.Lane == LaneHistory && record.Control != ControlStart {
		return s.clock // outside its import a history record has no say
	}

	return max(s.clock, record.Clock)
}

// advance moves the clock, and with it everything that waits for a time. The
// steps of the feed's watch close in between, each after the timers up to its
// end: so what is held depends on the input, and not on where ticks come.
func (s *Shard) advance(now int64) {
	s.clock = now
	for end, ok := s.feed.Next(now); ok; end, ok = s.feed.Next(now) {
		s.fireTimers(end)
		s.closeStep(end)
	}
	s.fireTimers(now)
	s.sample()
}
