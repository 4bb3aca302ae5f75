package churn

import (
	"math"
	"math/bits"
)

// Carry makes the model of another configuration, which goes on with what this
// one has learned. Where the horizon differs the risk is another one: its weights
// begin with the prior, and only what is true of any horizon is kept, which is how
// often customers come and in which hours of the week. The version stays, so that
// answers of before are told from those to come.
func (m *Model) Carry(config Config, now int64) (*Model, error) {
	next, err := NewModel(config)
	if err != nil {
		return nil, err
	}
	if config.Horizon == m.config.Horizon {
		next.use(m.parameters)

		return next, nil
	}
	p := next.prior.Parameters()
	if former := &m.parameters; former.Version > 0 {
		p.Version, p.Week, p.Rates = former.Version, former.Week, former.Rates
		scale := float64(m.config.Horizon) / float64(config.Horizon)
		p.Rates.Rate = min(max(p.Rates.Rate*scale, minRate), maxRate)
		p.Step = next.Step(now)
	}
	next.use(p)

	return next, nil
}

// CarryState gives a customer the history, as a model of another horizon reads
// it: times stay, slots and what fades are reckoned anew from what is known of
// them. Levels stay too; the owner has to look at everybody afterwards.
func (m *Model) CarryState(from *Model, s *State, now int64) {
	if m.config.Horizon == from.config.Horizon {
		return
	}
	if s.alerted != 0 {
		steps := (int64(alertMark(from.Step(now))) - int64(s.alerted) + alertSteps) % alertSteps
		if steps > alertReach {
			steps -= alertSteps
		}
		s.alerted = alertMark(m.Step(max(0, now-steps*from.slot)))
	}
	if !s.Known() {
		return
	}
	m.carrySlots(from, s)
	m.carryFaded(from, s)
}

// carrySlots marks the slots in which the middles of the former active ones lie.
// Those of the first and the latest event are known exactly.
func (m *Model) carrySlots(from *Model, s *State) {
	recent, visits := s.recent, s.tally
	earlier := int(s.slots) - bits.OnesCount64(recent)
	newest, first := from.slotOf(s.last), from.slotOf(s.First())
	s.recent, s.tally = 0, 0
	for back := range int64(recentSlots) {
		if recent>>back&1 == 0 {
			continue
		}
		at := (newest-back)*from.slot + from.slot/2
		switch {
		case back == 0:
			at = s.last
		case newest-back == first:
			at = s.First()
		}
		ago := m.slotOf(s.last) - m.slotOf(min(at, s.last))
		if ago >= recentSlots {
			continue
		}
		s.recent |= 1 << ago
		n := 1
		if back < tallySlots {
			n = max(1, visits.of(back))
		}
		for range n {
			s.tally.add(ago)
		}
	}
	s.slots = uint16(min(bits.OnesCount64(s.recent)+max(earlier, 0), math.MaxUint16))
}

// carryFaded reckons sums that faded with one half-life as if they had faded
// with another. Between what came and the latest event is known how much came
// lately, recently and overall: in between, it is taken to have come evenly.
func (m *Model) carryFaded(from *Model, s *State) {
	age := float64(s.last - s.First())
	if age <= 0 {
		return // nothing has faded yet
	}
	former, next := float64(from.config.Horizon), float64(m.config.Horizon)
	weight := func(half float64) float64 { return -half * math.Expm1(-math.Ln2*age/half) }
	var rates [memories]float64
	for i := range rates {
		rates[i] = float64(s.visits[i]) / weight(memory[i]*former)
	}
	for i := range s.visits {
		half := memory[i] * next
		s.visits[i] = float32(max(1, rateAt(&rates, half/former)*weight(half)))
	}
	scale := func(i int) float32 { return float32(weight(memory[i]*next) / weight(memory[i]*former)) }
	s.events = max(1, s.events*scale(lately))
	s.contacts *= scale(recently)
	s.purses.fade(scale(overall))
	s.negatives = min(s.negatives*scale(overall), float32(s.against))
}

// rateAt is the rate over a half-life, in former horizons, on a straight line
// between those of the memories by the logarithm of their half-lives.
func rateAt(rates *[memories]float64, half float64) float64 {
	const apart = 2 // each memory is 2^2 times the one before
	x := math.Log2(half/memory[lately]) / apart
	switch {
	case x <= 0:
		return rates[lately]
	case x >= overall:
		return rates[overall]
	}
	i := int(x)

	return rates[i] + (x-float64(i))*(rates[i+1]-rates[i])
}

// Carry makes the sampler of a model of another horizon. What waits for the
// former horizon to be over, and what came of it, is dropped: it would be labels
// of another question.
func (s *Sampler) Carry(m *Model) *Sampler {
	if s.slot == m.slot {
		return s
	}
	next := NewSampler(m, s.partitions)
	if next.week != nil && s.week != nil {
		next.week = s.week
	}

	return next
}

// Pays says whether nothing but amounts of one currency is kept of what the
// customer has paid.
func (s *State) Pays(only Currency) bool {
	for i := range s.purses.currency {
		if s.purses.used(i) && s.purses.currency[i] != only {
			return false
		}
	}

	return true
}

// KeepPurse drops what the customer has paid in other currencies.
func (s *State) KeepPurse(only Currency) {
	p := s.purses
	s.purses = purses{}
	for i := range p.currency {
		if p.used(i) && p.currency[i] == only {
			s.purses.value[0], s.purses.orders[0], s.purses.currency[0] = p.value[i], p.orders[i], only
		}
	}
}
