package churn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// followers is a model whose thresholds follow the stream, and customers of it
// who come at paces of their own.
func followers(t testing.TB, inTime float64, seed uint64) (*Model, []State, int64) {
	t.Helper()
	config := testConfig()
	config.CoolingAt, config.AtRiskAt, config.InTime = 0, 0, inTime
	m := newModel(t, config)
	random := rand.New(rand.NewPCG(seed, 2))
	now := epoch + 400*day
	states := make([]State, 400)
	for i := range states {
		pause := int64((1 + 40*random.Float64()) * float64(day))
		for at := epoch + random.Int64N(200*day); at < now; at += 1 + int64(random.ExpFloat64()*float64(pause)) {
			m.Observe(&states[i], Event{Time: at, Qualifying: true})
			if random.IntN(12) == 0 {
				break
			}
		}
	}

	return m, states, now
}

// What the thresholds promise, counted one by one: of the losses to be expected,
// each customer as risky as at their last engagement, given that they have not come
// back since, the share has reached at_risk after 0.6 horizons of silence, and
// cooling after 0.3.
func TestThresholdsTellOfTheShareInTime(t *testing.T) {
	for _, inTime := range []float64{0.2, 0.5, 0.8} {
		for seed := range uint64(5) {
			m, states, now := followers(t, inTime, seed)
			var sum Statistics
			for i := range states {
				sum.Add(m, &states[i], now)
			}
			m.follow(&sum.Losses)
			_, atRisk := m.Thresholds()
			var all, told float64
			for i := range states {
				s := &states[i]
				if !s.Known() || now-s.Last() > m.Horizon() {
					continue
				}
				look, risk := m.look(s), m.Steady(s, s.Last()).Risk()
				comes := look.comeback(s.Last())
				left := 1 - comes.share(m.parameters.Rates, float64(now-s.Last())/float64(m.Horizon())) // of those who will come
				lost := risk / (risk + (1-risk)*left)
				all += lost
				if m.Steady(s, s.Last()+m.Horizon()*6/10) >= atRisk {
					told += lost
				}
			}
			if share := told / all; share < inTime-0.06 || share > inTime+0.06 {
				t.Errorf("in time %v, seed %d: at_risk from %v tells of %.3f of the losses", inTime, seed, atRisk, share)
			}
		}
	}
}

// Whoever counts whom first makes no difference, and neither does how customers
// are spread.
func TestLossesAddUpInAnyOrder(t *testing.T) {
	m, states, now := followers(t, 0.5, 9)
	var whole, first, second Statistics
	for i := range states {
		whole.Add(m, &states[i], now)
		if i%3 == 0 {
			first.Add(m, &states[i], now)
		} else {
			second.Add(m, &states[i], now)
		}
	}
	second.Merge(first)
	if second.Losses != whole.Losses {
		t.Errorf("apart and merged they are %+v, together %+v", second.Losses, whole.Losses)
	}
}

// Cooling always comes before at_risk, whatever the stream, and neither leaves
// its bounds.
func TestThresholdsStayApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := testConfig()
		c.CoolingAt, c.AtRiskAt = 0, 0
		c.InTime = rapid.Float64Range(0.01, 0.99).Draw(t, "in time")
		c.LeastRisk = rapid.Float64Range(0, mostThreshold).Draw(t, "least risk")
		switch rapid.IntRange(0, 2).Draw(t, "fixed") {
		case 1:
			c.CoolingAt = rapid.Float64Range(0.02, 0.9).Draw(t, "cooling")
			c.CoolingMargin = c.CoolingAt / 2
		case 2:
			c.AtRiskAt = rapid.Float64Range(0.02, 0.99).Draw(t, "at risk")
			c.AtRiskMargin = c.AtRiskAt / 2
		}
		m, err := NewModel(c)
		if err != nil {
			t.Fatal(err)
		}
		var l Losses
		for range rapid.IntRange(0, 5).Draw(t, "bins") {
			l.Early[rapid.IntRange(0, lossBins-1).Draw(t, "early")] += rapid.Int64Range(0, 1e9).Draw(t, "n")
			l.Late[rapid.IntRange(0, lossBins-1).Draw(t, "late")] += rapid.Int64Range(0, 1e9).Draw(t, "m")
		}
		m.follow(&l)
		cooling, atRisk := m.Thresholds()
		switch {
		case cooling == 0 || cooling >= atRisk || atRisk >= Certain:
			t.Fatalf("thresholds are %v and %v", cooling, atRisk)
		case m.clear[Cooling] > cooling || m.clear[AtRisk] > atRisk:
			t.Fatalf("levels are cleared at %v, above %v and %v", m.clear, cooling, atRisk)
		case c.AtRiskAt > 0 && atRisk != quantize(c.AtRiskAt), c.CoolingAt > 0 && cooling != quantize(c.CoolingAt):
			t.Fatalf("thresholds are %v and %v, not the fixed %v or %v", cooling, atRisk, c.CoolingAt, c.AtRiskAt)
		case c.AtRiskAt == 0 && atRisk < quantize(c.LeastRisk):
			t.Fatalf("at_risk is raised at %v, below the least risk %v", atRisk, c.LeastRisk)
		}
	})
}

// A new silence is a new signal: one engagement ends at_risk where the risk
// falls below its threshold, though not below the margin.
func TestEngagementEndsASilence(t *testing.T) {
	m, states, now := followers(t, 0.5, 3)
	cleared := 0
	for i := range states {
		s := &states[i]
		if !s.Known() {
			continue
		}
		evaluateAll(m, s, now)
		if s.Level() != AtRisk {
			continue
		}
		m.Observe(s, Event{Time: now + m.Config().Dwell, Qualifying: true})
		at := now + m.Config().Dwell
		changes := evaluateAll(m, s, at)
		_, atRisk := m.Thresholds()
		if below := m.Steady(s, at) < atRisk; below != (len(changes) > 0) {
			t.Errorf("customer %d has the risk %v after coming back, and the changes are %+v", i, m.Steady(s, at), changes)
		}
		cleared += len(changes)
	}
	if cleared == 0 {
		t.Error("nobody came back")
	}
	if !slices.ContainsFunc(states, func(s State) bool { return s.Level() == Lapsed || s.Level() == Healthy }) {
		t.Error("every customer is at the same level")
	}
}
