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
	p := &s.people[index]
	sent := p.nextMail
	p.nextMail = s.nextMailing(sent + 4*hour)
	if p.unsubscribed || sent >= p.lost+farewell {
		p.nextMail = never

		return
	}
	m := happening{time: sent, person: index, topic: messageSent, channel: p.reach, series: newsletter, campaign: weekOf(sent)}
	m.variant = s.encoder.arm(index, m.campaign)
	opens := float64(p.opens) * (1 - 0.7*p.distress(sent))
	clicks := float64(p.clicks)
	if m.variant == armB {
		clicks *= armBClicks
	}
	s.write(p, s.random, m, opens, clicks)
	s.promote(p, index, sent)
	s.advertise(p, index, sent)
}

// write sends one message, which is opened and then clicked with these chances.
func (s *Simulator) write(p *person, r random, m happening, opens, clicks float64) {
	opened, clicked := messageRead, messageClicked
	if m.channel == email {
		opened, clicked = emailOpened, emailClicked
	}
	if m.time < p.lost {
		m.truth = opens * clicks
	}
	s.happens(m)
	s.bill(m)
	m.time += 1000 + r.Int64N(20_000)
	if r.chance(0.01) {
		m.topic = messageBounced
		s.happens(m)

		return
	}
	m.topic = messageDelivered
	s.happens(m)
	m.truth = 0

	if m.channel == email && r.chance(scanned) {
		s.scan(p, m)
	}
	if !r.chance(opens) {
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
	if m.time < p.lost && r.chance(clicks) {
		s.happens(m)
		p.follows(m)
	}
	s.respond(p, m)
}

// The shares of delivered mail that a scanner opens at once, and of these whose links
// it follows.
const (
	scanned  = 0.05
	followed = 0.4
)

func (s *Simulator) scan(p *person, m happening) {
	m.machine = true
	m.time += 500
	m.topic = emailOpened
	if m.time >= p.lost {
		return
	}
	s.happens(m)
	if s.more.chance(followed) {
		m.more = true
		m.time += 300
		m.topic = emailClicked
		s.happens(m)
	}
}

// respond is what few do about a message: answer it, or have enough. The more a
// person gets, the sooner.
func (s *Simulator) respond(p *person, m happening) {
	r := s.more
	m.more = true
	m.time += 20_000 + r.Int64N(5*minute)
	replied, spam, enough := emailReplied, spamReported, unsubscribed
	if m.channel != email {
		replied, spam, enough = messageReplied, optedOut, optedOut
	}
	if m.time >= p.lost {
		return
	}
	tired := 0.002 + 0.008*float64(p.offers)
	switch r.pick(0.008, tired/3, tired, 1) {
	case 0:
		m.topic = replied
	case 1:
		m.topic = spam
		p.unsubscribed = true
	case 2:
		m.topic = enough
		p.unsubscribed = true
	default:
		return
	}
	s.happens(m)
}

// promote writes of a product, which some own already.
func (s *Simulator) promote(p *person, index uint32, mailed int64) {
	r := s.more
	at := mailed + day + r.Int64N(4*day)
	if p.unsubscribed || at >= p.lost+farewell || !r.chance(float64(p.offers)) {
		return
	}
	m := happening{time: at, person: index, topic: messageSent, channel: p.reach, series: offers, campaign: weekOf(at), more: true}
	m.product = p.likes(r)
	if p.owned[0] != 0 && r.chance(redundant) {
		m.product = p.owned[0]
	}
	s.write(p, r, m, 0.8*float64(p.opens)*(1-0.7*p.distress(at)), float64(p.clicks))
}

// redundant is the share of offers to customers who have bought anything that are of
// the product bought last.
const redundant = 0.2
