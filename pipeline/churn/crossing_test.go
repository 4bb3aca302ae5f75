package churn

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// For 10,000 customers, silence is looked at minute by minute, and around the
// crossing by the millisecond.
func TestNextCrossingAgainstEveryMinute(t *testing.T) {
	const customers, minutes = 10_000, 2_000
	random := rand.New(rand.NewPCG(1, 2))
	crossed, cleared := 0, 0
	for customer := range customers {
		config := Defaults()
		config.Horizon = int64(10+random.IntN(600)) * minute
		config.Dwell = random.Int64N(config.Horizon / 2)
		m := newModel(t, config)
		m.SetPopulation(Population{
			Version: 1,
			Shape:   0.3 + 3*random.Float64(),
			Rate:    0.2 + 3*random.Float64(),
			Leave:   0.1 + random.Float64(),
			Stay:    0.3 + 3*random.Float64(),
		})
		var s State
		now := int64(1_700_000_000_000)
		gap := random.Float64() * 2 * float64(config.Horizon)
		for range 1 + random.IntN(12) {
			now += int64(random.ExpFloat64() * gap)
			if random.IntN(3) > 0 {
				evaluateAll(m, &s, now)
			}
			m.Observe(&s, now, true)
		}
		now += random.Int64N(config.Horizon / 4)
		evaluateAll(m, &s, now)

		next := m.NextCrossing(&s, now)
		first := Never // minute at which the level is first seen changed
		for i := range int64(minutes) {
			look := s
			if change, ok := m.Evaluate(&look, now+i*minute); ok {
				first = now + i*minute
				if !change.Raised {
					cleared++
				}

				break
			}
		}
		look := s
		change, _ := m.Evaluate(&look, next)
		switch {
		case next < first && next != Never && !change.Raised:
			// Clear for less than a minute: too short for the minutes to see,
			// as the score keeps growing. The milliseconds below tell.
		case first != Never && (next > first || next <= first-minute):
			t.Fatalf("customer %d: crossing %d, but seen between %d and %d", customer, next, first-minute, first)
		case first == Never && next < now+(minutes-1)*minute:
			t.Fatalf("customer %d: crossing %d, but nothing seen until %d", customer, next, now+(minutes-1)*minute)
		}
		if next == Never {
			continue
		}
		crossed++
		assertCrossing(t, m, s, next)
	}
	if crossed < customers*3/4 || cleared < 20 {
		t.Errorf("only %d of %d crossed and %d were cleared: the test has become weak", crossed, customers, cleared)
	}
}

func assertCrossing(t interface{ Fatalf(string, ...any) }, m *Model, s State, next int64) {
	at, before := s, s
	if _, ok := m.Evaluate(&at, next); !ok {
		t.Fatalf("no change at the crossing %d: %+v", next, s)
	}
	if change, ok := m.Evaluate(&before, next-1); ok {
		t.Fatalf("%+v one millisecond before the crossing %d: %+v", change, next, s)
	}
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
		case next == now:
			if _, ok := m.Evaluate(&s, now); !ok {
				t.Fatal("no change now, but the crossing is now")
			}
		default:
			assertCrossing(t, m, s, next)
		}
	})
}

// Silence alone leads every customer through the levels to lapsed.
func TestSilenceLeadsToLapsed(t *testing.T) {
	m := newModel(t, Defaults())
	var s State
	start := int64(1_700_000_000_000)
	for i := range int64(20) {
		m.Observe(&s, start+i*7*day, true)
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
	if silent := now - s.Last(); silent < 30*day || silent > 120*day {
		t.Errorf("a weekly customer lapsed after %d days, want 30 to 120", silent/day)
	}
}

// The estimate only saves time: any other leads to the same millisecond.
func TestSettleFromAnyEstimate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		var s State
		for _, at := range drawTimes(t, m.Horizon(), 1) {
			m.Observe(&s, at, true)
		}
		from := m.raisableFrom(&s)
		c := crossing{model: m, state: &s, history: m.history(&s, from), threshold: m.raise[Cooling]}
		if c.reached(from) || !c.reached(MaxTime) {
			return // there is nothing to settle
		}
		want := m.NextCrossing(&s, from)
		estimates := []int64{
			from, MaxTime, want, want - 1, want + 1,
			want + rapid.Int64Range(-1000, 1000).Draw(t, "near"),
			rapid.Int64Range(from, MaxTime).Draw(t, "far"),
		}
		for _, estimate := range estimates {
			if got := c.settle(from, MaxTime, estimate); got != want {
				t.Fatalf("from the estimate %d: crossing %d, want %d", estimate, got, want)
			}
		}
	})
}
