package churn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestConfigIsChecked(t *testing.T) {
	if err := Defaults().Validate(); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		spoil func(*Config)
		want  string
	}{
		"horizon too short":       {func(c *Config) { c.Horizon = 1000 }, "horizon is 1000 ms"},
		"horizon too long":        {func(c *Config) { c.Horizon = MaxHorizon + 1 }, "horizon is"},
		"cooling impossible":      {func(c *Config) { c.CoolingAt = 0 }, "cooling_at is 0;"},
		"cooling rounds to none":  {func(c *Config) { c.CoolingAt = 1e-9 }, "cooling_at is 1e-09"},
		"cooling not a number":    {func(c *Config) { c.CoolingAt = math.NaN() }, "cooling_at is NaN"},
		"at risk certain":         {func(c *Config) { c.AtRiskAt = 1 }, "at_risk_at is 1;"},
		"at risk below cooling":   {func(c *Config) { c.AtRiskAt = 0.4 }, "set it above cooling_at, which is 0.5"},
		"at risk rounds the same": {func(c *Config) { c.AtRiskAt = 0.50001 }, "set it above cooling_at"},
		"negative margin":         {func(c *Config) { c.CoolingMargin = -0.1 }, "cooling_margin is -0.1"},
		"margin not a number":     {func(c *Config) { c.AtRiskMargin = math.NaN() }, "at_risk_margin is NaN"},
		"margin too wide":         {func(c *Config) { c.AtRiskMargin = 0.8 }, "at_risk_margin is 0.8"},
		"negative dwell":          {func(c *Config) { c.Dwell = -1 }, "dwell is -1 ms"},
		"dwell beyond horizon":    {func(c *Config) { c.Dwell = c.Horizon + 1 }, "dwell is"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := Defaults()
			test.spoil(&c)
			_, err := NewModel(c)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestModelTellsItsSettings(t *testing.T) {
	m := newModel(t, Defaults())
	if m.Config() != Defaults() || m.Horizon() != 30*day || m.Population() != Prior() {
		t.Errorf("got %+v, %d, %+v", m.Config(), m.Horizon(), m.Population())
	}
}

func TestSetPopulation(t *testing.T) {
	m := newModel(t, Defaults())
	two := Population{Version: 2, Shape: 1, Rate: 1, Leave: 1, Stay: 1}
	if !m.SetPopulation(two) || m.Population() != two {
		t.Fatalf("a newer population was not taken: %+v", m.Population())
	}
	same := two
	same.Version = 3
	if m.SetPopulation(same) || m.Population().Version != 3 {
		t.Errorf("the same parameters: want no change and version 3, got %+v", m.Population())
	}
	older := Population{Version: 2, Shape: 2, Rate: 2, Leave: 2, Stay: 2}
	if m.SetPopulation(older) || m.Population() != same {
		t.Errorf("an older population was taken: %+v", m.Population())
	}
	broken := Population{Version: 4, Shape: math.NaN(), Rate: 1, Leave: 1, Stay: 1}
	if m.SetPopulation(broken) || m.Population() != same {
		t.Errorf("a broken population was taken: %+v", m.Population())
	}
}

func TestObserve(t *testing.T) {
	m := newModel(t, Defaults()) // slots of 3.75 days
	var s State
	if m.Observe(&s, 5*day, false) || s.Known() || s.LastAny() != 5*day {
		t.Fatalf("an event that does not qualify: %+v", s)
	}
	if !m.Observe(&s, 8*day, true) || !s.Known() || s.First() != 8*day || s.Last() != 8*day {
		t.Fatalf("the first qualifying event: %+v", s)
	}
	m.Observe(&s, 9*day, true) // the same slot: counts once
	if s.Slots() != 1 || s.visits != 1 || s.Last() != 9*day {
		t.Fatalf("a second event in a slot: %+v", s)
	}
	m.Observe(&s, 8*day+60*day, true) // two half-lives later
	if want := 1.0 + 0.5; s.Slots() != 2 || s.visits != want {
		t.Fatalf("got %v decayed visits in %d slots, want %v in 2", s.visits, s.Slots(), want)
	}
	m.Observe(&s, 2*day, true) // out of order, in slot 0; the newest is 18
	want := 1.5 + math.Exp2(-18.0/16)
	if s.First() != 2*day || s.Last() != 68*day || s.Slots() != 3 || math.Abs(s.visits-want) > 1e-12 {
		t.Fatalf("got %+v, want first at day 2 and %v visits", s, want)
	}
	before := s
	m.Observe(&s, 3*day, true) // the same slot out of order
	if s != before {
		t.Fatalf("a slot counted twice: %+v, before %+v", s, before)
	}
}

func TestObserveForgetsWhatIsTooFarBack(t *testing.T) {
	m := newModel(t, Defaults())
	var s State
	m.Observe(&s, 1000*day, true)
	m.Observe(&s, 100*day, true) // 240 slots back
	if s.Slots() != 1 || s.visits != 1 || s.First() != 100*day {
		t.Errorf("got %+v, want one slot, known since day 100", s)
	}
	m.Observe(&s, 3000*day, true) // 534 slots ahead
	if want := 1 + math.Exp2(-534.0/16); math.Abs(s.visits-want) > 1e-12 || s.recent != 1 {
		t.Errorf("got %v visits, recent %x, want %v and 1", s.visits, s.recent, want)
	}
}

func TestObserveInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		span := 7 * m.Horizon() // all within what counts in any order
		times := rapid.SliceOfN(rapid.Int64Range(0, span), 1, 40).Draw(t, "times")
		shuffled := rapid.Permutation(times).Draw(t, "shuffled")

		var a, b State
		for i := range times {
			m.Observe(&a, times[i], true)
			m.Observe(&b, shuffled[i], true)
		}
		if math.Abs(a.visits-b.visits) > 1e-9 {
			t.Fatalf("decayed visits %v and %v", a.visits, b.visits)
		}
		a.visits, b.visits = 0, 0
		if a != b {
			t.Fatalf("%+v and %+v", a, b)
		}
		distinct := map[int64]bool{}
		for _, at := range times {
			distinct[m.slotOf(at)] = true
		}
		if a.Slots() != len(distinct) || a.First() != slices.Min(times) || a.Last() != slices.Max(times) {
			t.Fatalf("%+v, want %d slots from %d to %d", a, len(distinct), slices.Min(times), slices.Max(times))
		}
	})
}

// An event that Observe says may stay unanswered must not bring the next
// change before the timer.
func TestObserveNeverLeavesATimerTooLate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		var s State
		clock := int64(0)
		for _, at := range drawTimes(t, m.Horizon(), 1) {
			for s.Known() && s.Timer() <= at { // timers ring before the event
				clock = s.Timer()
				evaluateAll(m, &s, clock)
				s.SetTimer(m.NextCrossing(&s, clock))
			}
			clock = max(clock, at)
			if m.Observe(&s, at, true) {
				evaluateAll(m, &s, clock)
				s.SetTimer(m.NextCrossing(&s, clock))
			}
			if next := m.NextCrossing(&s, clock); next < s.Timer() {
				t.Fatalf("the level changes at %d, but the timer is at %d: %+v", next, s.Timer(), s)
			}
		}
	})
}

func evaluateAll(m *Model, s *State, now int64) []Change {
	var changes []Change
	for {
		change, ok := m.Evaluate(s, now)
		if !ok {
			return changes
		}
		changes = append(changes, change)
	}
}
