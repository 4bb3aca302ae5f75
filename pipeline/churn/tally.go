package churn

// tally counts the visits in each of the 16 slots up to that of the latest
// qualifying event, four bits a slot, the newest lowest. A visit begins after a
// pause of H/100, so a slot of H/8 has no more than 13.
type tally uint64

const (
	tallySlots = 16
	mostVisits = 15
)

// add counts a visit in the slot back slots before the newest.
func (c *tally) add(back int64) {
	if back >= 0 && back < tallySlots && c.of(back) < mostVisits {
		*c += 1 << uint64(4*back)
	}
}

// shift makes room for newer slots.
func (c *tally) shift(slots int64) { *c <<= uint64(4 * min(slots, tallySlots)) }

func (c *tally) of(back int64) int { return int(*c >> uint64(4*back) & mostVisits) }

// halves are the visits of the newest 8 slots, which are a horizon, and of the
// 8 before.
func (c *tally) halves() (recent, before int) {
	for back := range int64(SlotsPerHorizon) {
		recent += c.of(back)
		before += c.of(back + SlotsPerHorizon)
	}

	return recent, before
}
