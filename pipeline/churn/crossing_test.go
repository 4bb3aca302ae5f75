package churn

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// randomCustomer is one with a random history, evaluated now and then as it
// went on: out of order, with passive events, and some silence at the end.
func randomCustomer(r *rand.Rand, m *Model) (State, int64) {
	var s State
	horizon := float64(m.Horizon())
	at, now := epoch, epoch
	gap := r.Float64() * 0.8 * horizon
	for range 1 + r.IntN(12) {
		at += int64(r.ExpFloat64() * gap)
		when := at
		if r.IntN(6) == 0 {
			when -= int64(r.ExpFloat64() * 2 * gap)
		}
		now = max(now, when)
		if r.IntN(3) > 0 {
			evaluateAll(m, &s, now)
		}
		m.Observe(&s, Event{Time: when, Qualifying: r.IntN(6) > 0, Value: float64(max(r.IntN(40)-10, 0))})
	}
	now += int64(r.Float64() * horizon / 4)
	evaluateAll(m, &s, now)

	return s, now
}

func randomConfig(r *rand.Rand) Config {
	config := Defaults()
	config.Prior = randomPrior(r)
	switch r.IntN(3) {
	case 0:
		config.Horizon = int64(1+r.IntN(600)) * minute
	case 1:
		config.Horizon = MinHorizon + r.Int64N(10*day)
	default:
		config.Horizon = MinHorizon + r.Int64N(366*day)
	}
	config.CoolingAt = 0.2 + 0.5*r.Float64()
	config.AtRiskAt = config.CoolingAt + 0.01 + 0.25*r.Float64()
	config.Dwell = r.Int64N(config.Horizon / 2)
	if r.IntN(3) == 0 {
		config.Unusual = LeastUnusual + r.ExpFloat64()
	}
	if r.IntN(4) == 0 {
		config.ContactCost, config.Uplift = 10*r.Float64(), 0.01+0.9*r.Float64()
	}

	return config
}

// For 10,000 customers, silence is looked at minute by minute, and around the
// crossing by the millisecond. Where a crossing is further away than the
// minutes reach, the time until then is looked at in equal steps, and the
// minutes go on shortly before it.
func TestNextCrossingAgainstEveryMinute(t *testing.T) {
	const customers, each, minutes, steps, last = 10_000, 4, 180, 30, 30
	random := rand.New(rand.NewPCG(1, 2))
	crossed, cleared, far := 0, 0, 0
	var m *Model
	for customer := range customers {
		if customer%each == 0 {
			m = newModel(t, randomConfig(random))
			m.SetParameters(randomParameters(random, m.prior))
		}
		s, now := randomCustomer(random, m)
		next := m.NextCrossing(&s, now)

		look := func(at int64) {
			if at >= next {
				return
			}
			// Evaluate leaves a state alone that does not change.
			if change, ok := m.Evaluate(&s, at); ok {
				t.Fatalf("customer %d: %+v, but the crossing is %d", customer, change, next)
			}
		}
		end := now + minutes*minute
		for at := now; at < min(end, next); at += minute {
			look(at)
		}
		if next > end {
			far++
			until := min(next, MaxTime)
			for i := range int64(steps) {
				look(end + (until-end)/steps*i)
			}
			for i := range int64(last) {
				look(until - (i+1)*minute)
			}
		}
		if next == Never {
			continue
		}
		crossed++
		if change := assertCrossing(t, m, s, now, next); !change.Raised {
			cleared++
		}
	}
	if crossed < customers*3/4 || cleared < 20 || far < 1000 || far > customers-1000 {
		t.Errorf("of %d customers %d crossed, %d far away, and %d were cleared: the test has become weak", customers, crossed, far, cleared)
	}
}

func assertCrossing(t interface{ Fatalf(string, ...any) }, m *Model, s State, now, next int64) Change {
	at, before := s, s
	change, ok := m.Evaluate(&at, next)
	if !ok {
		t.Fatalf("no change at the crossing %d: %+v", next, s)
	}
	if next > now {
		if change, ok := m.Evaluate(&before, next-1); ok {
			t.Fatalf("%+v one millisecond before the crossing %d: %+v", change, next, s)
		}
	}

	return change
}

func TestNextCrossingIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, now := drawCustomer(t, m)
		next := m.NextCrossing(&s, now)
		switch {
		case next < now:
			t.Fatalf("crossing %d is before %d", next, now)
		case next == Never:
			for _, at := range []int64{now, now + m.Horizon(), now + 10*m.Horizon(), MaxTime} {
				look := s
				if change, ok := m.Evaluate(&look, at); ok {
					t.Fatalf("%+v, but the crossing is never", change)
				}
			}
		default:
			assertCrossing(t, m, s, now, next)
		}
	})
}

// Who looks only when told to misses no change: in silence, the looks end at
// the crossing. Those before it are where the patience ends and at the
// beginnings of learning steps.
func TestNextLookLeadsToTheCrossing(t *testing.T) {
	sooner := 0
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, now := drawCustomer(t, m)
		next := m.NextCrossing(&s, now)
		for {
			look := m.NextLook(&s, now)
			if look == next {
				return
			}
			sooner++
			patience := look-s.Last() == max(m.Config().Dwell, m.Horizon()/16)
			step := look%m.Slot() == 0 && look-now > m.Slot() && look-now <= 2*m.Slot()
			if look > next || look <= now || s.Level() >= AtRisk || !patience && !step {
				t.Fatalf("look at %d from %d, the crossing is %d: %+v", look, now, next, s)
			}
			evaluated := s
			if change, ok := m.Evaluate(&evaluated, look); ok {
				t.Fatalf("%+v at %d, but the crossing is %d", change, look, next)
			}
			now = max(look, min(next, MaxTime)-10*m.Slot()) // it may be far away, or never
		}
	})
	if sooner < 50 {
		t.Errorf("only %d looks before a crossing: the test has become weak", sooner)
	}
}

// Silence alone leads every customer through the levels to lapsed.
func TestSilenceLeadsToLapsed(t *testing.T) {
	m := newModel(t, testConfig())
	var s State
	for i := range int64(20) {
		m.Observe(&s, Event{Time: epoch + i*7*day, Qualifying: true})
	}
	now := s.Last()
	var seen []Level
	for {
		next := m.NextCrossing(&s, now)
		if next == Never {
			break
		}
		now = next
		for _, change := range evaluateAll(m, &s, now) {
			seen = append(seen, change.To)
		}
	}
	if len(seen) != 3 || seen[0] != Cooling || seen[1] != AtRisk || seen[2] != Lapsed {
		t.Fatalf("levels %v, want cooling, at_risk, lapsed", seen)
	}
	if silent := now - s.Last(); silent < 30*day || silent > 180*day {
		t.Errorf("a weekly customer lapsed after %d days, want 30 to 180", silent/day)
	}
}

// The estimate only saves time: any other leads to the same millisecond.
func TestSettleFromAnyEstimate(t *testing.T) {
	settled := 0
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		var s State
		for _, at := range drawTimes(t, m.Horizon(), 1) {
			m.Observe(&s, Event{Time: at, Qualifying: true})
		}
		from := m.raisableFrom(&s)
		c := m.crossing(&s)
		if c.reached(from) || !c.reached(MaxTime) {
			return // there is nothing to settle
		}
		settled++
		want := m.NextCrossing(&s, from)
		estimates := []int64{
			from, MaxTime, want, want - 1, want + 1, -1 << 62, 1 << 62,
			want + rapid.Int64Range(-1000, 1000).Draw(t, "near"),
			rapid.Int64Range(from, MaxTime).Draw(t, "far"),
		}
		for _, estimate := range estimates {
			if got := c.settle(from, MaxTime, estimate); got != want {
				t.Fatalf("from the estimate %d: crossing %d, want %d", estimate, got, want)
			}
		}
	})
	if settled < 10 {
		t.Errorf("only %d crossings were settled: the test has become weak", settled)
	}
}

// A good estimate is what makes a crossing cheap. The average customer's is
// settled with few looks.
func TestEstimateIsNearTheCrossing(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	near, all := 0, 0
	for range 2000 {
		m := newModel(t, testConfig())
		s, now := randomCustomer(random, m)
		if !s.Known() || s.Level() >= AtRisk {
			continue
		}
		from := max(now, m.raisableFrom(&s))
		c := m.crossing(&s)
		if c.reached(from) || !c.reached(MaxTime) {
			continue
		}
		all++
		if away := c.estimate(from) - m.nextRaise(&s, now); away > -minute && away < minute {
			near++
		}
	}
	if all < 500 || near < all*9/10 {
		t.Errorf("%d of %d estimates within a minute, want nine of ten", near, all)
	}
}
