package simulate

const week = 7 * day

// mailingDay is Tuesday at 9:00, after Unix time 0, which was a Thursday.
const mailingDay = 5*day + 9*hour

// nextMailing is when the company mails a person for the next time after at:
// within three hours from the weekly mailing on.
func (s *Simulator) nextMailing(at int64) int64 {
	weeks := (at-mailingDay)/week + 1

	return mailingDay + weeks*week + s.random.Int64N(3*hour)
}

// mail sends the weekly message, and the person may react.
func (s *Simulator) mail(index uint32) {
	p, r := &s.people[index], s.random
	sent := p.nextMail
	p.nextMail = s.nextMailing(sent + 4*hour)
	if p.unsubscribed || sent >= p.lost+farewell {
		p.nextMail = never

		return
	}
	m := happening{time: sent, person: index, topic: messageSent, channel: email, campaign: uint32((sent-mailingDay)/week) + 1}
	opened, clicked := emailOpened, emailClicked
	if p.favorites[0] == app {
		m.channel, opened, clicked = push, messageRead, messageClicked
	}
	s.happens(m)
	m.time += 1000 + r.Int64N(20_000)
	if r.chance(0.01) {
		m.topic = messageBounced
		s.happens(m)

		return
	}
	m.topic = messageDelivered
	s.happens(m)

	if m.channel == email && r.chance(0.05) { // a scanner opens all mail at once
		scan := m
		scan.time += 500
		scan.topic = opened
		scan.machine = true
		if scan.time < p.lost {
			s.happens(scan)
		}
	}
	if !r.chance(float64(p.opens) * (1 - 0.7*p.distress(sent))) {
		return
	}
	m.time += int64(r.ExpFloat64() * 3 * float64(hour))
	m.topic = opened
	if m.time >= p.lost {
		return
	}
	s.happens(m)
	m.time += 3000 + r.Int64N(60_000)
	m.topic = clicked
	if m.time < p.lost && r.chance(float64(p.clicks)) {
		s.happens(m)
	}
}
