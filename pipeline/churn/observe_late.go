package churn

// A late event comes after its windows are final, and nobody can tell any more
// whether it came before. So it counts for nothing that adds up. But it is a sign
// of life: someone whose app sends three hours late has not left. What is taken
// of it is the same however often and in whatever order late events come, but
// for what fades within a slot:
//
//   - the latest times, of any event, of engagement, of the end of the relation,
//     and the first of engagement;
//   - that its slot was active. A slot that was not adds one visit, and one event.

// TakesLate says whether a late event tells of a customer: of one who is known
// by any event, or else if it is not older than the horizon. A history of long ago
// that comes late is not one of customers who have just left.
func (m *Model) TakesLate(s *State, at, now int64) bool {
	return s.Known() || s.heard.latest() > 0 || at >= now-m.config.Horizon
}

// ObserveLate adds a late event to a customer's history. What it reports is that
// of Observe.
func (m *Model) ObserveLate(s *State, e Event) (sooner bool) {
	s.hear(&Event{Time: e.Time, Ours: e.Ours || e.Contact, Scanned: e.Scanned}) // what else it says is not known of late events
	if e.Ends {
		s.heard.end(e.Time)
	}
	known := s.Known()
	switch {
	case !e.Qualifying:
	case known:
		m.hear(s, &e)
	default:
		m.engage(s, &Event{Time: e.Time, Channel: e.Channel, Qualifying: true})
	}

	// A threshold of their own may be lower now, more than the risk is.
	sooner = m.config.personal() && e.Qualifying && s.Known() && s.Timer() > m.raisableFrom(s)

	return sooner || !known && s.Known() || known && (s.level != Healthy || s.Left())
}

// hear adds a late event that counts against silence, of a customer who is known.
func (m *Model) hear(s *State, e *Event) {
	s.marks |= markCame // what was paid is not known of late events
	unseen := m.mark(s, e.Time)
	gap := float64(e.Time-s.last) * m.perUnit
	visit := [memories]float64{1, 1, 1} // as of last, which is the later of the two
	switch {
	case gap > 0:
		m.fade(s, gap)
		s.last, s.channel, s.unanswered = e.Time, e.Channel, 0
	case gap < 0:
		visit = fading(-gap)
		s.first = s.first.at(min(s.First(), e.Time))
	}
	if unseen {
		s.events += float32(visit[lately])
		for i := range s.visits {
			s.visits[i] += float32(visit[i])
		}
		s.tally.add(m.slotOf(s.last) - m.slotOf(e.Time))
	}
}
