package simulate

// advertise shows advertisements to a person in the week after a mailing, without a
// visit.
func (s *Simulator) advertise(p *person, index uint32, mailed int64) {
	r := s.more
	if !r.chance(0.05) {
		return
	}
	s.show(p, index, mailed+day+r.Int64N(5*day), 0)
}

// show is one advertisement that the person sees.
func (s *Simulator) show(p *person, index uint32, at int64, session uint32) happening {
	f := happening{time: at, person: index, session: session, topic: adViewed, channel: ads, campaign: weekOf(at), more: true}
	f.series = [...]series{search, posts}[s.more.pick(60, 40)]
	if at < p.lost {
		s.happens(f)
	}

	return f
}

// arrive is what leads to a visit: for who came by an advertisement at first, and for
// few later on, one that was clicked. The company pays for clicks.
func (v *script) arrive() {
	r := v.simulator.more
	first := v.person.visits == 1
	if !(first && v.person.fromAd || !first && r.chance(0.03)) {
		return
	}
	f := v.simulator.show(v.person, v.index, v.at, v.session)
	v.at += 1000 + r.Int64N(20_000)
	f.time, f.topic = v.at, adClicked
	v.simulator.happens(f)
	v.person.follows(f)
	f.topic, f.session = spendRecorded, 0
	f.value = 10_000 * (20 + r.Int64N(130))
	v.simulator.happens(f)
	if first && r.chance(0.4) || r.chance(0.05) {
		v.at += 5000 + r.Int64N(60_000)
		f.time, f.topic, f.session, f.value = v.at, leadSubmitted, v.session, 0
		v.simulator.happens(f)
	}
}

// bill notes what a message costs where each does.
func (s *Simulator) bill(m happening) {
	if m.channel != sms {
		return
	}
	m.topic, m.more, m.value, m.truth = spendRecorded, true, 50_000, 0
	s.happens(m)
}
