package simulate

// issueNames are what cases are about.
func issueNames() []string {
	return []string{"", "delivery", "damaged", "refund", "login", "invoice"}
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
		v.open()
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

// open opens a case, most often to be resolved; if not, it may come up again
// elsewhere.
func (v *script) open() {
	opened := v.does(caseOpened)
	opened.issue = 1 + uint8(v.simulator.more.IntN(len(issueNames())-1))
	again := *opened
	if v.simulator.random.chance(0.6) {
		v.does(caseResolved).issue = again.issue

		return
	}
	v.reopen(again)
}

// reopen raises an issue again within four days, for the most part in another
// channel. It is no visit: who has trouble is not engaged by it.
func (v *script) reopen(f happening) {
	r := v.simulator.more
	if !r.chance(0.6) {
		return
	}
	f.time += 2*hour + r.Int64N(94*hour)
	f.session, f.device, f.more = 0, 0, true
	f.channel = [...]channel{chat, email, call}[r.pick(50, 30, 20)]
	v.simulator.happens(f)
}

// cancel ends the relation of who was about to go; others think better of it.
func (v *script) cancel() {
	if v.person.distress(v.at) == 0 {
		return
	}
	if v.person.favorites[0] == app && v.simulator.more.chance(0.5) {
		v.channel = app
		v.does(appUninstalled)
	} else {
		v.channel = billing
		v.does(subscriptionCanceled)
	}
	v.person.lost = v.at + 1
}
