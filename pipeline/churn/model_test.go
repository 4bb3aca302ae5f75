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
		"cooling impossible":      {func(c *Config) { c.CoolingAt = 1 }, "cooling_at is 1;"},
		"following nothing":       {func(c *Config) { c.CoolingAt = 0 }, "in_time is 0; set a share"},
		"all in time":             {func(c *Config) { c.InTime = 1 }, "in_time is 1"},
		"in time not a number":    {func(c *Config) { c.InTime = math.NaN() }, "in_time is NaN"},
		"least risk too high":     {func(c *Config) { c.LeastRisk = 0.99 }, "least_risk is 0.99"},
		"no room above cooling":   {func(c *Config) { c.InTime, c.AtRiskAt, c.CoolingAt = 0.5, 0, 0.93 }, "cooling_at is 0.93; set it to at most 0.9"},
		"cooling rounds to none":  {func(c *Config) { c.CoolingAt = 1e-9 }, "cooling_at is 1e-09"},
		"cooling not a number":    {func(c *Config) { c.CoolingAt = math.NaN() }, "cooling_at is NaN"},
		"at risk certain":         {func(c *Config) { c.AtRiskAt = 1 }, "at_risk_at is 1;"},
		"at risk below cooling":   {func(c *Config) { c.AtRiskAt = 0.4 }, "set it above cooling_at, which is 0.6"},
		"at risk rounds the same": {func(c *Config) { c.AtRiskAt = c.CoolingAt + 0.00001 }, "set it above cooling_at"},
		"negative margin":         {func(c *Config) { c.CoolingMargin = -0.1 }, "cooling_margin is -0.1"},
		"margin not a number":     {func(c *Config) { c.AtRiskMargin = math.NaN() }, "at_risk_margin is NaN"},
		"margin too wide":         {func(c *Config) { c.AtRiskMargin = c.AtRiskAt }, "at_risk_margin is 0.85"},
		"negative dwell":          {func(c *Config) { c.Dwell = -1 }, "dwell is -1 ms"},
		"another language":        {func(c *Config) { c.Language = "xx" }, "set one of en, pt, pt-PT, it"},
		"prior without a spread":  {func(c *Config) { c.Prior = testPrior(); c.Prior.Terms[3].Spread = 0 }, "prior of \"recent\""},
		"dwell beyond horizon":    {func(c *Config) { c.Dwell = c.Horizon + 1 }, "dwell is"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := Defaults().Fixed(0.6, 0.85)
			test.spoil(&c)
			_, err := NewModel(c)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestModelTellsItsSettings(t *testing.T) {
	config := testConfig()
	m := newModel(t, config)
	if m.Config() != config || m.Horizon() != 30*day || m.Slot() != 30*day/8 {
		t.Errorf("got %+v, %d, %d", m.Config(), m.Horizon(), m.Slot())
	}
}

func TestStep(t *testing.T) {
	m := newModel(t, testConfig())
	for _, step := range []int64{0, 1, 4000} {
		from := step * m.Slot()
		if m.Step(from) != step || m.Step(from+m.Slot()-1) != step || m.Step(from+m.Slot()) != step+1 {
			t.Errorf("step %d is not from %d to %d", step, from, from+m.Slot())
		}
	}
}

func TestObserve(t *testing.T) {
	m := newModel(t, testConfig()) // slots of 3.75 days, visits 7.2 hours apart
	near := func(got float32, want float64) bool { return math.Abs(float64(got)-want) < 1e-6 }
	var s State
	if m.Observe(&s, Event{Time: 5 * day}) || s.Known() || s.LastAny() != 5*day {
		t.Fatalf("an event that does not qualify: %+v", s)
	}
	if !m.Observe(&s, Event{Time: 8 * day, Qualifying: true}) || !s.Known() || s.First() != 8*day || s.Last() != 8*day || s.visits != [memories]float32{1, 1, 1} {
		t.Fatalf("the first qualifying event: %+v", s)
	}
	m.Observe(&s, Event{Time: 8*day + 7*hour, Qualifying: true}) // the same slot and visit
	if s.Slots() != 1 || s.visits[overall] > 1 || s.events <= 1.9 || s.Last() != 8*day+7*hour {
		t.Fatalf("a second event of a visit: %+v", s)
	}
	m.Observe(&s, Event{Time: 8*day + 15*hour, Qualifying: true}) // the same slot, another visit
	if s.Slots() != 1 || !near(s.visits[overall], 1+math.Exp2(-15.0/24/60)) {
		t.Fatalf("a second visit in a slot: %+v", s)
	}
	s = State{}
	m.Observe(&s, Event{Time: 8 * day, Qualifying: true})
	m.Observe(&s, Event{Time: 68 * day, Qualifying: true}) // a half-life of the longest memory later
	if s.Slots() != 2 || !near(s.visits[overall], 1.5) || !near(s.visits[recently], 1+1.0/16) {
		t.Fatalf("got %v faded visits in %d slots, want 1.5 in 2", s.visits, s.Slots())
	}
	m.Observe(&s, Event{Time: 2 * day, Qualifying: true}) // out of order, in slot 0; the newest is 18
	if s.First() != 2*day || s.Last() != 68*day || s.Slots() != 3 || !near(s.visits[overall], 1.5+math.Exp2(-66.0/60)) {
		t.Fatalf("got %+v, want first at day 2", s)
	}
	before := s
	m.Observe(&s, Event{Time: 3 * day, Qualifying: true}) // the same slot out of order: no visit, but an event
	before.events = s.events
	if s != before {
		t.Fatalf("a slot counted twice: %+v, before %+v", s, before)
	}
	// Contact matters to who is not healthy.
	if m.Observe(&s, Event{Time: 69 * day}) {
		t.Error("a passive event may raise a level")
	}
	s.level = Cooling
	if !m.Observe(&s, Event{Time: 70 * day}) {
		t.Error("a passive event can't clear a level")
	}
}

func TestObserveForgetsWhatIsTooFarBack(t *testing.T) {
	m := newModel(t, testConfig())
	var s State
	m.Observe(&s, Event{Time: 1000 * day, Qualifying: true})
	m.Observe(&s, Event{Time: 100 * day, Qualifying: true}) // 240 slots back
	if s.Slots() != 1 || s.visits != [memories]float32{1, 1, 1} || s.First() != 100*day {
		t.Errorf("got %+v, want one slot, known since day 100", s)
	}
	m.Observe(&s, Event{Time: 3000 * day, Qualifying: true}) // 534 slots ahead
	if s.visits[overall] < 1 || s.visits[overall] > 1+1e-6 || s.recent != 1 || s.Slots() != 2 {
		t.Errorf("got %v visits, recent %x, want 1 and 1", s.visits, s.recent)
	}
}

// A busy customer's counts end at what the fields hold.
func TestCountsSaturate(t *testing.T) {
	config := testConfig()
	config.Horizon, config.Dwell = MinHorizon, 0
	m := newModel(t, config)
	var s State
	for i := range int64(math.MaxUint16 + 10) {
		m.Observe(&s, Event{Time: epoch + i*m.Slot(), Qualifying: true})
	}
	if s.Slots() != math.MaxUint16 {
		t.Errorf("%d slots, want %d", s.Slots(), math.MaxUint16)
	}
	if _, err := readState(s.AppendBinary(nil)); err != nil {
		t.Error(err)
	}
	if next := m.NextCrossing(&s, s.Last()); next <= s.Last() {
		t.Errorf("next crossing %d, the last event was at %d", next, s.Last())
	}
}

// The order of events matters to nothing but visits and the pauses between them,
// of which a late event can tell less.
func TestObserveInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		span := 7 * m.Horizon() // all within what counts in any order
		times := rapid.SliceOfN(rapid.Int64Range(0, span), 1, 40).Draw(t, "times")
		shuffled := rapid.Permutation(times).Draw(t, "shuffled")

		var a, b State
		for i := range times {
			m.Observe(&a, Event{Time: times[i], Qualifying: true})
			m.Observe(&b, Event{Time: shuffled[i], Qualifying: true})
		}
		if math.Abs(float64(a.events-b.events)) > 1e-5*float64(a.events) {
			t.Fatalf("faded events %v and %v", a.events, b.events)
		}
		a.events, b.events = 0, 0
		a.visits, b.visits = [memories]float32{}, [memories]float32{}
		a.tally, b.tally = 0, 0
		a.first, b.first = a.first.with(0), b.first.with(0)
		a.since, b.since, a.timer, b.timer = a.since.with(0), b.since.with(0), a.timer.with(0), b.timer.with(0)
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

// One power gives what a gap leaves of each memory.
func TestFading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gap := rapid.Float64Range(0, 300).Draw(t, "gap")
		for i, got := range fading(gap) {
			if want := math.Exp2(-gap / memory[i]); math.Abs(got-want) > 1e-13*want+1e-300 {
				t.Fatalf("memory %d keeps %v after %v, want %v", i, got, gap, want)
			}
		}
	})
}
