package simulate

import "math"

// script writes down what a person does in one visit.
type script struct {
	simulator *Simulator
	person    *person
	index     uint32
	channel   channel
	at        int64
	session   uint32
	device    uint8
	product   uint16 // looked at last
	qualified bool   // something of it counts as engagement
}

// visit plays one visit and draws the next.
func (s *Simulator) visit(index uint32) {
	p := &s.people[index]
	began := p.nextVisit
	p.visits++
	where := p.favorites[0]
	if !s.random.chance(float64(p.loyalty)) {
		where = p.favorites[1]
	}
	v := script{simulator: s, person: p, index: index, channel: where, at: began, session: p.visits}
	v.takeDevice()
	v.arrive()
	if p.visits == 1 && (where == web || where == app) && s.random.chance(0.3) {
		v.signUp()
	}
	switch where {
	case web:
		v.browse()
	case app:
		v.useApp()
	case store:
		v.goShopping()
	case social:
		v.scroll()
	case chat:
		v.times(1+s.random.IntN(4), chatMessaged)
	case call:
		v.does(callStarted)
	default:
		v.collectPoints()
	}
	if !v.qualified { // a visit is an engagement, or its loss could not be told
		v.does([...]topic{web: pagePinged, app: screenPinged, store: itemTried, social: postLiked, loyalty: offerViewed}[where])
		v.last().number = heartbeat / 1000
	}
	v.renew()
	v.asks()
	v.complain()
	s.scheduleVisit(p, began)
}

// does writes one act down, some seconds after the last.
func (v *script) does(what topic) *happening {
	v.at += int64(2000 + v.simulator.random.ExpFloat64()*20_000)
	switch what {
	case pageViewed, appOpened, screenViewed, visitDetected, postViewed, surveyShown, balanceViewed:
	case orderReturned, caseOpened, paymentFailed, subscriptionCanceled, unsubscribed, appUninstalled: // negative
	default:
		v.qualified = true
	}

	return v.note(what)
}

// also writes down an act beside those that does knows of, so long after the last.
func (v *script) also(what topic, after int64) *happening {
	v.at += after
	f := v.note(what)
	f.more = true

	return f
}

func (v *script) note(what topic) *happening {
	f := happening{time: v.at, person: v.index, session: v.session, topic: what, channel: v.channel}
	switch what {
	case cartAdded, itemTried, productSearched, reviewPosted, orderCompleted, orderReturned, offerViewed:
		f.product = v.product
	}
	if v.channel == web || v.channel == app {
		f.device = v.device
	}

	return v.simulator.happens(f)
}

// last is the act that was written down last.
func (v *script) last() *happening { return &v.simulator.made[len(v.simulator.made)-1] }

// pause is some seconds.
func (v *script) pause() int64 { return int64(2000 + v.simulator.more.ExpFloat64()*20_000) }

func (v *script) times(n int, what topic) {
	for range n {
		v.does(what)
	}
}

// maybe does something with a probability.
func (v *script) maybe(p float64, what topic) bool {
	if !v.simulator.random.chance(p) {
		return false
	}
	v.does(what)

	return true
}

func (v *script) browse() {
	r := v.simulator.random
	v.product = v.person.likes(v.simulator.more)
	v.maybe(0.3, productSearched)
	for range 1 + r.IntN(5) {
		v.does(pageViewed)
		if r.chance(0.4) {
			v.does(scrollReached)
			v.read(scrollReached, r.IntN(3))
		}
		if r.chance(0.4) {
			v.does(pagePinged)
			v.stay(pagePinged)
		}
	}
	v.watchAndShare()
	if v.maybe(0.25, cartAdded) && r.chance(0.6) {
		v.order()
	}
}

func (v *script) useApp() {
	r := v.simulator.random
	v.does(appOpened)
	for range 1 + r.IntN(4) {
		v.does(screenViewed)
		if r.chance(0.5) {
			v.does(screenPinged)
			v.stay(screenPinged)
		}
	}
	v.maybe(0.5, featureUsed)
	v.product = v.person.likes(v.simulator.more)
	v.track()
	if v.maybe(0.12, cartAdded) && r.chance(0.6) {
		v.order()
	}
}

func (v *script) goShopping() {
	v.does(visitDetected)
	v.product = v.person.likes(v.simulator.more)
	v.maybe(0.6, itemTried)
	if v.simulator.random.chance(0.45) {
		v.order()
	}
}

func (v *script) scroll() {
	v.times(1+v.simulator.random.IntN(3), postViewed)
	v.maybe(0.6, postLiked)
	v.maybe(0.1, postShared)
	if v.maybe(0.15, postCommented) {
		v.feels()
	}
	v.talk()
}

func (v *script) collectPoints() {
	v.does(balanceViewed)
	v.product = v.person.likes(v.simulator.more)
	v.maybe(0.6, offerViewed)
	if v.maybe(0.15, pointsRedeemed) {
		v.redeemed()
	}
}

// order completes one, which now and then leads to a review, a survey or a
// return.
func (v *script) order() {
	r := v.simulator.random
	cents := math.Round(100 * math.Exp(float64(v.person.basket)+0.5*r.NormFloat64()))
	foreign := v.person.travels && v.simulator.more.chance(0.3)
	f := v.does(orderCompleted)
	f.value, f.foreign = int64(cents)*10_000, foreign
	v.person.credited(f)
	v.person.buys(v.product)
	v.collect(int64(cents))
	v.maybe(0.04, reviewPosted)
	if r.chance(0.06) {
		v.answer(r, func(what topic, _ int64) *happening { return v.does(what) })
	}
	if r.chance(0.03) {
		f := v.does(orderReturned)
		f.value, f.foreign = -int64(cents)*10_000, foreign
		v.person.returns()
	}
}
