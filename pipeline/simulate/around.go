package simulate

// heartbeat is how often a page or a screen that is looked at says so.
const heartbeat = 10_000

// takeDevice is the one that the person has at hand: the first is a telephone, which
// apps run on, the others are for the web.
func (v *script) takeDevice() {
	v.device = 1
	if v.channel == web && v.simulator.more.chance(0.7) {
		v.device = v.person.devices
	}
}

// signUp makes an account, and the company notes who it is.
func (v *script) signUp() {
	v.does(accountSignedUp)
	v.also(customerIdentified, 100).session = 0
	if v.simulator.more.chance(0.2) {
		v.also(newsletterSubscribed, v.pause())
	}
}

// stay goes on with pings at the heartbeat, after the first.
func (v *script) stay(ping topic) {
	v.last().number = heartbeat / 1000
	for v.simulator.more.chance(0.35) {
		v.also(ping, heartbeat).number = heartbeat / 1000
	}
}

// read goes on from the first third of a page or a film, of which it is so many
// further on that the person gets.
func (v *script) read(what topic, further int) {
	v.last().number = 1.0 / 3
	for i := range further {
		v.also(what, 3000+v.pause()/2).number = [...]float64{2.0 / 3, 1}[i]
	}
}

// watchAndShare is what few do beside reading.
func (v *script) watchAndShare() {
	r := v.simulator.more
	if r.chance(0.05) {
		v.also(videoProgressed, v.pause())
		v.read(videoProgressed, r.IntN(3))
	}
	if r.chance(0.01) {
		v.elsewhere(social, postShared)
	}
	if r.chance(0.01) && v.person.distress(v.at) == 0 {
		v.elsewhere(social, referralMade)
	}
}

// elsewhere is an act in another channel.
func (v *script) elsewhere(where channel, what topic) *happening {
	here := v.channel
	v.channel = where
	f := v.also(what, v.pause())
	v.channel = here

	return f
}

// track is an event without a name, as an app that is being instrumented sends it.
func (v *script) track() {
	if v.simulator.more.chance(0.02) {
		v.also(eventTracked, v.pause())
	}
}

// talk is about the company, among others.
func (v *script) talk() {
	r := v.simulator.more
	if r.chance(0.08) {
		v.also(conversationJoined, v.pause())
	}
	if r.chance(0.06) {
		v.also(mentionPosted, v.pause())
		v.feels()
	}
}

// feels gives the last act a sentiment.
func (v *script) feels() {
	content := 1 - v.person.distress(v.at)
	v.last().number = sentiment(1.2*content - 0.9 + 0.5*v.simulator.more.NormFloat64())
}

// collect gives a member a point for each unit of currency; others may enroll.
func (v *script) collect(cents int64) {
	if !v.person.member {
		if v.person.member = v.simulator.more.chance(0.1); v.person.member {
			v.elsewhere(loyalty, loyaltyEnrolled)
		}

		return
	}
	v.elsewhere(loyalty, pointsEarned).value = cents / 100 * 1_000_000
}

// redeemed says how many points the last act was worth.
func (v *script) redeemed() {
	v.last().value = 50_000_000 * (1 + v.simulator.more.Int64N(6))
}

// renew extends a subscription, in the first visit of the month.
func (v *script) renew() {
	if !v.person.subs || v.at < v.person.renewed+30*day {
		return
	}
	v.person.renewed = v.at
	v.elsewhere(billing, subscriptionRenewed).value = 9_990_000
}
