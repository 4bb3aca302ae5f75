package churn

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Whoever comes every week has a pause of a week, and a spread that gets narrow;
// in bursts it is wide.
func TestUsualPauses(t *testing.T) {
	m := newModel(t, testConfig()) // 30 days
	tests := map[string]struct {
		days   []int64 // pauses
		times  int
		mean   float64 // days
		spread float64 // of ln
	}{
		"nobody's":       {nil, 0, 30 * math.Exp(usualPause), 1},
		"weekly":         {[]int64{7}, 60, 7, 0.55},
		"in bursts":      {[]int64{1, 1, 40}, 20, 4.3, 1.65},
		"weekly, lately": {append(make([]int64, 0, 80), repeat(28, 40, repeat(7, 40, nil))...), 1, 7, 0.6},
	}
	for name, test := range tests {
		var s State
		at := epoch
		m.Observe(&s, Event{Time: at, Qualifying: true})
		for range test.times {
			for _, days := range test.days {
				at += days * day
				m.Observe(&s, Event{Time: at, Qualifying: true})
			}
		}
		own := s.pauses()
		mean, spread := own.usual(m.logHorizon)
		mean, spread = 30*math.Exp(mean), math.Exp(spread)
		if math.Abs(mean/test.mean-1) > 0.12 || math.Abs(spread-test.spread) > 0.12 {
			t.Errorf("%s: a pause of %.2f days and a spread of %.2f, want %v and %v", name, mean, spread, test.mean, test.spread)
		}
	}
}

func repeat(days int64, times int, after []int64) []int64 {
	var all []int64
	for range times {
		all = append(all, days)
	}

	return append(all, after...)
}

// Events of one visit are no pauses, and neither is silence.
func TestPausesRestInSilenceAndWithinVisits(t *testing.T) {
	m := newModel(t, testConfig())
	var s State
	m.Observe(&s, Event{Time: epoch, Qualifying: true})
	m.Observe(&s, Event{Time: epoch + 10*day, Qualifying: true})
	before := s.pauses()
	for i := range int64(20) {
		m.Observe(&s, Event{Time: epoch + 10*day + i*minute, Qualifying: true})
	}
	m.Observe(&s, Event{Time: epoch + 25*day})
	evaluateAll(m, &s, epoch+90*day)
	if before.n != 1 || s.pauses() != before {
		t.Errorf("pauses %+v, then %+v, of one of ten days", before, s.pauses())
	}
}

// A moment keeps its time and what is beside it apart.
func TestMoments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.OneOf(rapid.Int64Range(0, MaxTime+MaxHorizon), rapid.Just(Never)).Draw(t, "at")
		rest := rapid.Uint64Range(0, 1<<restBits-1).Draw(t, "rest")
		was := moment(rapid.Uint64().Draw(t, "was"))
		for _, m := range []moment{was.at(at).with(rest), was.with(rest).at(at)} {
			if m.time() != at || m.rest() != rest {
				t.Fatalf("%d beside %d, want %d beside %d", m.time(), m.rest(), at, rest)
			}
		}
	})
}

// Pauses of any length fit, and are those of the last ten or so.
func TestPausesOfAnyLength(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 9))
	for range 500 {
		var s State
		longest := math.Exp(random.Float64() * math.Log(MaxTime))
		var most, least float64 = 0, math.Inf(1)
		for range 1 + random.IntN(30) {
			ms := 1 + int64(random.Float64()*longest)
			s.paused(ms)
			most, least = max(most, math.Log(float64(ms))), min(least, math.Log(float64(ms)))
		}
		p := s.pauses()
		if p.mean < least-0.01 || p.mean > most+0.01 || p.variance < 0 || p.variance > square(most-least)/4+0.01 {
			t.Fatalf("%+v of logarithms from %v to %v", p, least, most)
		}
	}
}
