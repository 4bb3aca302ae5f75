package churn

import (
	"math/rand/v2"
	"testing"
)

// An event that Observe calls of no account leaves a timer that rings in time,
// also where customers have thresholds of their own, which events may lower.
func TestTimersRingInTimeForOwnThresholds(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 3))
	kept, rules := 0, [Rules]int{}
	for range 600 {
		config := randomConfig(random)
		config.Unusual, config.ContactCost, config.Uplift = LeastUnusual+random.ExpFloat64(), 0, 0
		if random.IntN(2) == 0 {
			config.Unusual, config.ContactCost, config.Uplift = 0, 10*random.Float64(), 0.1
		}
		m := newModel(t, config)
		m.SetParameters(randomParameters(random, m.prior))
		var s State
		now := epoch
		for range 30 {
			now += int64(random.ExpFloat64() * 0.3 * float64(m.Horizon()))
			for s.Known() && s.Timer() <= now {
				at := s.Timer()
				for _, change := range evaluateAll(m, &s, at) {
					if change.Raised && change.To == AtRisk {
						rules[m.RuleOf(&s, change.Score)]++
					}
				}
				s.SetTimer(m.NextLook(&s, at))
			}
			e := Event{Time: now, Qualifying: random.IntN(2) == 0, Negative: random.IntN(8) == 0, Contact: random.IntN(8) == 0, Value: float64(random.IntN(3) * random.IntN(100))}
			observe := m.Observe
			if random.IntN(6) == 0 {
				observe = m.ObserveLate
				e.Time -= int64(random.ExpFloat64() * 0.5 * float64(m.Horizon()))
			}
			if observe(&s, e) {
				evaluateAll(m, &s, now)
				s.SetTimer(m.NextLook(&s, now))

				continue
			}
			if !s.Known() {
				continue
			}
			kept++
			if next := m.NextCrossing(&s, now); next < s.Timer() {
				t.Fatalf("the timer is at %d, and the next change at %d: %+v, %+v", s.Timer(), next, config, s)
			}
		}
	}
	if kept < 2000 || rules[Unusual] < 100 || rules[Worth] < 100 || rules[ByRisk] < 100 {
		t.Errorf("%d events of no account, raised by %v; the test needs more", kept, rules)
	}
}

// The early warning of who has a threshold of their own comes before it.
func TestCoolingComesBeforeOwnThresholds(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 3))
	own := 0
	for range 4000 {
		m := newModel(t, randomConfig(random))
		m.SetParameters(randomParameters(random, m.prior))
		s, _ := randomCustomer(random, m)
		if !s.Known() {
			continue
		}
		look := m.look(&s)
		cooling, atRisk := look.raiseAt(Cooling), look.raiseAt(AtRisk)
		if cooling > atRisk || cooling == 0 {
			t.Fatalf("cooling from %d, at risk from %d of %+v", cooling, atRisk, m.config)
		}
		if cooling == atRisk && atRisk > 100 {
			t.Fatalf("no early warning: both from %d of %+v", atRisk, m.config)
		}
		if look.clearAt(AtRisk) > atRisk || look.clearAt(Cooling) > cooling {
			t.Fatalf("cleared above the threshold")
		}
		if atRisk != m.raise[AtRisk] {
			own++
		}
	}
	if own < 500 {
		t.Errorf("%d have thresholds of their own; the test needs more", own)
	}
}
