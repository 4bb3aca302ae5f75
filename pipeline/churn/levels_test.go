package churn

import (
	"testing"

	"pgregory.net/rapid"
)

func TestLevelNames(t *testing.T) {
	for level := Healthy; level < Levels; level++ {
		text, err := level.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var got Level
		if err := got.UnmarshalText(text); err != nil || got != level {
			t.Errorf("%v became %v, error %v", level, got, err)
		}
	}
	if _, err := Level(9).MarshalText(); err == nil || Level(9).String() != "level(9)" {
		t.Errorf("level 9 has the name %q and marshals with error %v", Level(9), err)
	}
	var got Level
	if err := got.UnmarshalText([]byte("fine")); err == nil {
		t.Error("a level called fine was read")
	}
}

func TestChangesAreWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		var s State
		now, episode := int64(0), uint32(0)
		for _, at := range drawTimes(t, m.Horizon(), 1) {
			now = max(now, at)
			before := s
			changes := evaluateAll(m, &s, now)
			if len(changes) > 3 {
				t.Fatalf("%d changes at once", len(changes))
			}
			level := before.Level()
			for i, change := range changes {
				episode++
				step := int(change.To) - int(change.From)
				switch {
				case change.From != level, change.At != now, change.Episode != episode:
					t.Fatalf("change %d is %+v, want from %v at %d, episode %d", i, change, level, now, episode)
				case change.Raised && step != 1, !change.Raised && step != -1:
					t.Fatalf("%+v is not one step", change)
				case change.Raised != changes[0].Raised:
					t.Fatalf("raised and cleared at once: %+v", changes)
				case change.Score != m.Steady(&s, now):
					t.Fatalf("score %d, want %d", change.Score, m.Steady(&s, now))
				}
				level = change.To
			}
			if s.Level() != level || s.Episode() != episode {
				t.Fatalf("level %v episode %d, want %v and %d", s.Level(), s.Episode(), level, episode)
			}
			m.Observe(&s, Event{Time: at, Qualifying: true})
		}
	})
}

// Whatever the order of events and looks, a change is one that the written
// rules allow.
func TestChangesFollowTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		c := m.Config()
		s, now := drawCustomer(t, m)
		before := s
		change, ok := m.Evaluate(&s, now)
		score := m.Steady(&before, now)
		silent, stood := now-before.Last(), now-before.Since()
		thresholds := map[Level]Score{Cooling: quantize(c.CoolingAt), AtRisk: quantize(c.AtRiskAt)}
		margins := map[Level]Score{Cooling: quantize(c.CoolingAt - c.CoolingMargin), AtRisk: quantize(c.AtRiskAt - c.AtRiskMargin)}

		var raise, clears bool
		switch before.Level() {
		case Healthy, Cooling:
			raise = before.Known() && silent >= max(c.Dwell, c.Horizon/16) && score >= thresholds[before.Level()+1]
		case AtRisk:
			raise = silent >= c.Horizon && stood >= c.Horizon
		case Lapsed:
		}
		switch before.Level() {
		case Cooling, AtRisk:
			limit := margins[before.Level()]
			if before.Last() > before.Since() { // engaged since
				limit = thresholds[before.Level()]
			}
			clears = !raise && stood >= c.Dwell && score < limit
		case Lapsed:
			clears = stood >= c.Dwell && silent < c.Horizon && !before.Left()
		case Healthy:
		}
		if before.Left() && before.Level() != Lapsed { // at once, and whatever else
			raise, clears = true, false
			if change.To != Lapsed {
				t.Fatalf("who has left became %v", change.To)
			}
		}
		switch {
		case ok != (raise || clears):
			t.Fatalf("changed: %v; want raised %v or cleared %v; %+v", ok, raise, clears, before)
		case ok && change.Raised != raise:
			t.Fatalf("raised %v, want %v", change.Raised, raise)
		case !ok && s != before:
			t.Fatalf("no change, but %+v became %+v", before, s)
		case ok && raise && s.Since() != now, ok && clears && s.Since() != before.Since():
			t.Fatalf("raised last at %d, was %d, now is %d", s.Since(), before.Since(), now)
		}
	})
}

func TestParseLevelRefuses(t *testing.T) {
	if _, err := ParseLevel("Healthy"); err == nil {
		t.Error("a level called Healthy was read")
	}
}
