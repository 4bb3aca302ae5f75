package simulate

// habits are what a person has beside visits: devices, memberships, and how the
// company reaches them.
type habits struct {
	renewed int64 // when the subscription was last; 0 without one

	clicked  int64 // when a message or an advertisement was, and of which campaign
	series   series
	campaign uint32

	owned   [owns]uint16 // products bought, the newest first; 0: none
	taste   uint16       // products that the person looks at begin here
	devices uint8        // 1 to 3
	reach   channel      // through which the company writes
	foreign uint8        // currency of purchases abroad
	mood    float32      // how much better than others the person finds all
	offers  float32      // chance of an offer beside the mail of a week

	fromAd  bool // came by an advertisement
	member  bool // of the loyalty program
	subs    bool // has a subscription
	travels bool // pays in a second currency now and then
}

// Products are numbered from 1 to products; a person knows the last ones bought.
const (
	products = 500
	owns     = 4
)

func newHabits(r random, favorite channel, settled bool) habits {
	h := habits{
		taste:   uint16(r.IntN(products)),
		devices: uint8(1 + r.pick(45, 40, 15)),
		reach:   email,
		foreign: uint8(r.IntN(currencies)),
		member:  settled && r.chance(0.25),
		subs:    r.chance(0.1),
		fromAd:  r.chance(0.35),
		travels: r.chance(0.03),
		mood:    float32(1.2*r.NormFloat64() - 0.3),
	}
	if favorite == app {
		h.reach = push
	}
	if written := r.pick(92, 3, 4, 1); written > 0 {
		h.reach = [...]channel{sms, whatsapp, rcs}[written-1]
	}
	if r.chance(0.4) {
		h.offers = float32(r.between(0.1, 0.9))
	}

	return h
}

// likes draws a product that the person looks at.
func (h *habits) likes(r random) uint16 {
	return 1 + (h.taste+uint16(r.IntN(20)))%products
}

// buys makes a product one that the person owns.
func (h *habits) buys(product uint16) {
	copy(h.owned[1:], h.owned[:owns-1])
	h.owned[0] = product
}

// returns takes the newest product away.
func (h *habits) returns() {
	copy(h.owned[:], h.owned[1:])
	h.owned[owns-1] = 0
}

// follows notes a click, for what may come of it.
func (h *habits) follows(f happening) {
	h.clicked, h.series, h.campaign = f.time, f.series, f.campaign
}

// credited makes an order one that names the campaign clicked in the week before.
func (h *habits) credited(f *happening) {
	if h.campaign > 0 && f.time >= h.clicked && f.time < h.clicked+week {
		f.series, f.campaign = h.series, h.campaign
	}
}
