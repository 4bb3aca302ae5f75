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
	qualified bool // something of it counts as engagement
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
	if p.visits == 1 && (where == web || where == app) && s.random.chance(0.3) {
		v.does(accountSignedUp)
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
	}
	v.complain()
	s.scheduleVisit(p, began)
}

// does writes one act down, some seconds after the last.
func (v *script) does(what topic) *happening {
	v.at += int64(2000 + v.simulator.random.ExpFloat64()*20_000)
	switch what {
	case pageViewed, appOpened, screenViewed, visitDetected, postViewed, surveyShown, balanceViewed:
	case orderReturned, caseOpened, paymentFailed, subscriptionCanceled, unsubscribed: // negative
	default:
		v.qualified = true
	}

	return v.simulator.happens(happening{
		time:    v.at,
		person:  v.index,
		session: v.session,
		topic:   what,
		channel: v.channel,
	})
}

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
	v.maybe(0.3, productSearched)
	for range 1 + r.IntN(5) {
		v.does(pageViewed)
		if r.chance(0.4) {
			v.does(scrollReached).number = [...]float64{1.0 / 3, 2.0 / 3, 1}[r.IntN(3)]
		}
		if r.chance(0.4) {
			v.does(pagePinged).number = 10
		}
	}
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
			v.does(screenPinged).number = 10
		}
	}
	v.maybe(0.5, featureUsed)
	if v.maybe(0.12, cartAdded) && r.chance(0.6) {
		v.order()
	}
}

func (v *script) goShopping() {
	v.does(visitDetected)
	v.maybe(0.6, itemTried)
	if v.simulator.random.chance(0.45) {
		v.order()
	}
}

func (v *script) scroll() {
	v.times(1+v.simulator.random.IntN(3), postViewed)
	v.maybe(0.6, postLiked)
	v.maybe(0.1, postShared)
	v.maybe(0.15, postCommented)
}

func (v *script) collectPoints() {
	v.does(balanceViewed)
	v.maybe(0.6, offerViewed)
	v.maybe(0.15, pointsRedeemed)
}

// order completes one, which now and then leads to a review, a survey or a
// return.
func (v *script) order() {
	r := v.simulator.random
	cents := math.Round(100 * math.Exp(float64(v.person.basket)+0.5*r.NormFloat64()))
	v.does(orderCompleted).value = int64(cents) * 10_000
	v.maybe(0.04, reviewPosted)
	if r.chance(0.06) {
		v.answer()
	}
	if r.chance(0.03) {
		v.does(orderReturned).value = -int64(cents) * 10_000
	}
}

// answer fills in a survey; who fades is less content.
func (v *script) answer() {
	r, where := v.simulator.random, v.channel
	content := 1 - v.person.distress(v.at)
	v.channel = survey
	v.does(surveyShown)
	if v.maybe(0.6, surveyStarted) && r.chance(0.8) {
		v.does(surveyAnswered).number = math.Round(min(10, max(0, 3+5.5*content+2*r.NormFloat64())))
		if r.chance(0.3) {
			v.does(feedbackGiven).number = math.Round(100*min(1, max(-1, 1.4*content-0.9+0.4*r.NormFloat64()))) / 100
		}
	}
	v.channel = where
}

// complain: rarely, but often shortly before a customer who fades is lost.
func (v *script) complain() {
	r := v.simulator.random
	if !r.chance(0.01 + 0.3*v.person.distress(v.at)) {
		return
	}
	where := v.channel
	switch r.pick(45, 20, 20, 15) {
	case 0:
		v.channel = call
		v.does(caseOpened)
		v.maybe(0.6, caseResolved)
	case 1:
		v.channel = billing
		v.does(paymentFailed)
	case 2:
		v.channel = email
		v.does(unsubscribed)
		v.person.unsubscribed = true
	default:
		v.cancel()
	}
	v.channel = where
}

// cancel ends the relation of who was about to go; others think better of it.
func (v *script) cancel() {
	if v.person.distress(v.at) == 0 {
		return
	}
	v.channel = billing
	v.does(subscriptionCanceled)
	v.person.lost = v.at + 1
}
