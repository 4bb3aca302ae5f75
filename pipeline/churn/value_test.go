package churn

import (
	"math"
	"testing"
)

// visits are a customer of whom so many values are known, one every so often.
func visits(t *testing.T, m *Model, every float64, values ...float64) State {
	t.Helper()
	var s State
	for i, value := range values {
		at := epoch + int64(float64(i)*every*float64(m.Horizon()))
		m.Observe(&s, Event{Time: at, Value: value, Qualifying: true})
	}

	return s
}

func TestValue(t *testing.T) {
	m, err := NewModel(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	steady := make([]float64, 200)
	for i := range steady {
		steady[i] = 10
	}
	for name, test := range map[string]struct {
		state     State
		low, high float64
	}{
		"nobody":                {State{}, 0, 0},
		"one visit":             {visits(t, m, 1, 40), 40, 40}, // one a horizon is expected
		"no values":             {visits(t, m, 1, 0, 0, 0), 0, 0},
		"four visits a horizon": {visits(t, m, 1.0/4, steady...), 36, 42},
		"a visit in two":        {visits(t, m, 2, steady...), 5, 8},
		"more given back":       {visits(t, m, 1, 40, -50), 0, 0},
		"all the worth fades":   {visits(t, m, 4, 1000, 0, 0, 0), 0, 40},
	} {
		if got := m.Value(&test.state); !(got >= test.low && got <= test.high) {
			t.Errorf("%s: value %v, want %v to %v", name, got, test.low, test.high)
		}
	}

	// It rests in silence, whatever parameters are learned; what is at risk of it
	// grows with the risk.
	s := visits(t, m, 1.0/4, 10, 10, 10, 10)
	value := m.Value(&s)
	parameters := *m.Parameters()
	parameters.Version, parameters.Rates = 1, Rates{Shape: 1, Rate: 1}
	m.SetParameters(parameters)
	if again := m.Value(&s); again != value {
		t.Errorf("value %v became %v", value, again)
	}
	for _, silence := range []int64{0, m.Horizon(), 4 * m.Horizon()} {
		now := s.Last() + silence
		if want := m.Steady(&s, now).Risk() * value; math.Abs(m.ValueAtRisk(&s, now)-want) > 1e-12 {
			t.Errorf("at risk %v, want %v", m.ValueAtRisk(&s, now), want)
		}
	}
}

// Who was told of is told of again after being healthy, or when the level is
// raised anew more than a horizon later, and never within an episode.
func TestAlertable(t *testing.T) {
	m, err := NewModel(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	now := epoch
	s := State{level: AtRisk, since: moment(now)}
	if !m.Alertable(&s) {
		t.Error("a customer at risk, of whom nobody was told, is not alertable")
	}
	m.Alerted(&s, now)
	for name, test := range map[string]struct {
		since int64
		want  bool
	}{
		"the same episode":            {now, false},
		"raised long before":          {now - 500*m.Horizon(), false},
		"raised anew soon":            {now + m.Horizon(), false},
		"raised anew a horizon later": {now + m.Horizon() + 2*m.Slot(), true},
		"raised anew years later":     {now + 200*m.Horizon(), true},
	} {
		again := s
		again.since = moment(test.since)
		if got := m.Alertable(&again); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
		again.level = Lapsed
		if m.Alertable(&again) {
			t.Errorf("%s: who has lapsed is alertable", name)
		}
	}
	m.step(&s, now+1, Healthy)
	m.step(&s, now+2, AtRisk)
	if !m.Alertable(&s) {
		t.Error("who was healthy in between is not alertable")
	}
}

// Coming back from lapsed is no reason to tell of anybody, whether somebody was
// told of before or not. Being raised anew is, as ever.
func TestComingBackIsNoReasonToAlert(t *testing.T) {
	config := testConfig()
	config.CoolingAt, config.CoolingMargin = 0.02, 0.01 // so that nobody gets healthy
	config.AtRiskAt, config.AtRiskMargin = 0.03, 0.01
	for _, told := range []bool{false, true} {
		m := newModel(t, config)
		var s State
		m.Observe(&s, Event{Time: epoch, Qualifying: true})
		start := epoch + 2*day
		evaluateAll(m, &s, start)
		if !m.Alertable(&s) {
			t.Fatalf("nobody is at risk: %+v", s)
		}
		if told {
			m.Alerted(&s, start)
		}
		evaluateAll(m, &s, epoch+60*day)
		if s.Level() != Lapsed {
			t.Fatalf("level %v after 60 days", s.Level())
		}
		back := epoch + 150*day
		m.Observe(&s, Event{Time: back, Qualifying: true})
		evaluateAll(m, &s, back)
		if s.Level() != AtRisk || m.Alertable(&s) {
			t.Errorf("told before %v: back at level %v, alertable %v", told, s.Level(), m.Alertable(&s))
		}
		m.step(&s, back+day, Cooling)
		m.step(&s, back+m.Slot(), AtRisk)
		if !m.Alertable(&s) {
			t.Errorf("told before %v: raised anew, but not alertable", told)
		}
	}
}
