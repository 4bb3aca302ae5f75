package simulate

// happens notes a happening. What the customer would do once lost does not happen,
// but the pointer is good for the moment all the same.
func (s *Simulator) happens(f happening) *happening {
	s.made = append(s.made, f)

	return &s.made[len(s.made)-1]
}

// deliver sends what has been noted on its way, each with its delay, and with
// copies and garbage among it.
func (s *Simulator) deliver() {
	c := &s.config

	// Shares are of all items, chances are for each event.
	events := 1 - c.GarbageShare - c.DuplicateShare
	garbage, duplicate := c.GarbageShare/events, c.DuplicateShare/events

	for _, f := range s.made {
		r := s.random
		if f.more {
			r = s.more
		}
		if f.time >= s.people[f.person].lost && !f.topic.sentByCompany() {
			continue
		}
		s.serial++
		f.serial = s.serial
		f.arrival = f.time + s.delay(r)
		s.send(f)
		if r.chance(duplicate) {
			copied := f
			copied.duplicate = true
			copied.arrival += 1 + copyDelay(r)
			s.send(copied)
		}
		if r.chance(garbage) {
			s.serial++
			f.serial = s.serial
			f.spoiled = 1 + spoil(r.IntN(spoils-1))
			if f.spoiled == farAhead {
				f.time = f.arrival + 2*day + r.Int64N(400*day)
			}
			s.send(f)
		}
	}
	s.made = s.made[:0]
}

func (s *Simulator) send(f happening) {
	s.order++
	f.order = s.order
	s.underWay.push(f)
}

// delay is how long an event takes to arrive: mostly seconds, some minutes,
// and for the late ones more than the lateness.
func (s *Simulator) delay(r random) int64 {
	lateness := milliseconds(s.config.Lateness)
	switch {
	case r.chance(s.config.LateShare):
		return int64(lateness*(1.05+r.ExpFloat64())) + 1
	case r.chance(0.03):
		return 200 + int64(min(r.ExpFloat64()*2*float64(minute), 0.9*lateness))
	}

	return 200 + int64(min(r.ExpFloat64()*1500, 0.9*lateness))
}

// copyDelay is how long after the original a copy arrives: mostly seconds, as
// after a retry, sometimes hours, as after a batch that was sent twice.
func copyDelay(r random) int64 {
	if r.chance(0.1) {
		return int64(r.ExpFloat64() * float64(hour))
	}

	return int64(r.ExpFloat64() * 20_000)
}
