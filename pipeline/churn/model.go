package churn

import "math"

// Time is cut into slots of H/8, and a slot with a qualifying event counts
// once: what happens inside of a slot says how busy a visit was, not whether
// there will be another. Counts are halved every 2H, so that a changed habit
// outweighs an old one within a few horizons. Both were chosen on purchase,
// message, course and contribution logs, where half-lives from 2H to 4H rank
// customers about equally well.
const (
	slotsPerHorizon = 8
	halfLife        = 2                          // in horizons
	slotHalfLife    = halfLife * slotsPerHorizon // in slots
	recentSlots     = 64                         // bits of State.recent
)

// maxVisits is above the limit 1/(1 − 2^(−1/16)) = 23.6 of the decayed count
// of a customer who is active in every slot.
const maxVisits = 24

// Model is a Config and a Population. It is immutable but for SetPopulation,
// and one goroutine's.
type Model struct {
	config     Config
	population Population

	slot    int64                // ms
	perSlot float64              // slots per ms
	perUnit float64              // horizons per ms
	decay   [recentSlots]float64 // decay[k] = 2^(−k/16)

	raise [Levels]Score // raise[l]: the score at which level l is raised
	clear [Levels]Score // clear[l]: the score below which level l is cleared
}

// NewModel checks the configuration and takes the prior population.
func NewModel(config Config) (*Model, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	m := &Model{
		config:     config,
		population: Prior(),
		slot:       config.Horizon / slotsPerHorizon,
		perSlot:    slotsPerHorizon / float64(config.Horizon),
		perUnit:    1 / float64(config.Horizon),
	}
	for k := range m.decay {
		m.decay[k] = math.Exp2(-float64(k) / slotHalfLife)
	}
	m.raise[Cooling] = quantize(config.CoolingAt)
	m.raise[AtRisk] = quantize(config.AtRiskAt)
	m.clear[Cooling] = quantize(config.CoolingAt - config.CoolingMargin)
	m.clear[AtRisk] = quantize(config.AtRiskAt - config.AtRiskMargin)

	return m, nil
}

// Config is what NewModel was given.
func (m *Model) Config() Config { return m.config }

// Horizon is H in milliseconds.
func (m *Model) Horizon() int64 { return m.config.Horizon }

// Population is the population whose parameters are in use.
func (m *Model) Population() Population { return m.population }

// SetPopulation puts other parameters to use. A lower version than the one in
// use changes nothing, and neither do parameters that can't be used. It
// reports whether the parameters have changed; then every customer's next
// crossing has to be solved anew.
func (m *Model) SetPopulation(p Population) bool {
	if p.Version < m.population.Version || p.Validate() != nil {
		return false
	}
	changed := !p.sameParameters(m.population)
	m.population = p

	return changed
}

// Observe adds an event at time t (0 to MaxTime) to a customer's history. Only
// qualifying events tell of engagement; others only move LastAny. Events may
// come out of order: slots up to 8 horizons back count wherever they come,
// older ones are too far back to matter.
//
// It reports whether the next change of level may now lie before s.Timer(). If
// so, call Evaluate until it has nothing more to change and set the timer to
// NextCrossing. If not, the timer may stay where it is: it rings too early at
// worst. So most events cost no write to a timer.
func (m *Model) Observe(s *State, t int64, qualifying bool) (sooner bool) {
	s.any = max(s.any, t)
	if !qualifying {
		return false
	}
	if !s.Known() {
		s.first, s.last = t, t
		s.recent, s.visits, s.slots = 1, 1, 1

		return true
	}
	changed := m.count(s, t) || t < s.first
	s.first = min(s.first, t)
	s.last = max(s.last, t)

	// Above healthy, an event may clear the level. In healthy, another slot
	// may reveal a quicker rhythm, in which the same silence means more.
	if s.level != Healthy {
		return true
	}

	return changed && m.raises(s, min(s.timer-1, MaxTime))
}

// count adds the slot of t and reports whether it was not yet counted.
func (m *Model) count(s *State, t int64) bool {
	slot, newest := m.slotOf(t), m.slotOf(s.last)
	switch {
	case slot == newest:
		return false
	case slot > newest:
		ahead := slot - newest
		s.recent = s.recent<<uint64(ahead) | 1 // a shift by 64 or more gives 0
		s.visits = s.visits*m.decayOver(ahead) + 1
	default:
		back := newest - slot
		if back >= recentSlots || s.recent>>uint64(back)&1 == 1 {
			return false
		}
		s.recent |= 1 << uint64(back)
		s.visits += m.decay[back]
	}
	if s.slots < math.MaxUint16 {
		s.slots++
	}

	return true
}

// slotOf numbers the slots from 1970 on. Multiplying is several times quicker
// than dividing; a slot may so begin a millisecond sooner or later, but always
// the same one.
func (m *Model) slotOf(t int64) int64 { return int64(float64(t) * m.perSlot) }

// decayOver is 2^(−slots/16).
func (m *Model) decayOver(slots int64) float64 {
	if slots < recentSlots {
		return m.decay[slots]
	}

	return math.Exp2(-float64(slots) / slotHalfLife)
}
