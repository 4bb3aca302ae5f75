package backtest

import (
	"math"
	"testing"

	"ebb/pipeline/churn"
)

// days are times of events or changes since the beginning.
func days(days ...float64) []int64 {
	times := make([]int64, len(days))
	for i, d := range days {
		times[i] = begins + int64(d*float64(dayMS))
	}

	return times
}

// eventsOf is a log of qualifying events by customer.
func eventsOf(customers ...[]int64) *Log {
	log := &Log{}
	for c, times := range customers {
		log.Customers = append(log.Customers, string(rune('a'+c)))
		for _, at := range times {
			log.Events = append(log.Events, Event{Event: churn.Event{Time: at, Qualifying: true}, Clock: at, Customer: uint32(c)})
		}
	}

	return log
}

func change(customer uint32, day float64, from, to churn.Level) Change {
	return Change{Customer: customer, Change: churn.Change{From: from, To: to, At: days(day)[0], Raised: to > from}}
}

// Four customers and a horizon of ten days, from day 10 to day 100, so
// outcomes are known of what happens up to day 90.
func scripted() *judge {
	log := eventsOf(
		days(0, 20, 25),           // a: leaves, raised after 6 days: right
		days(0, 20, 27, 34, 90.5), // b: raised, comes back after an hour: wrong, cleared soon; then silent for long, and nobody notices
		days(12, 19, 26, 33, 40, 47, 54, 61, 68, 75, 82, 89, 91, 98), // c: comes every week
		days(95), // d: comes too late to be judged
	)
	changes := []Change{
		change(0, 5, churn.Cooling, churn.AtRisk), // before the span
		change(0, 20.5, churn.AtRisk, churn.Healthy),
		change(1, 26, churn.Cooling, churn.AtRisk),
		change(1, 27, churn.AtRisk, churn.Cooling),
		change(1, 27.5, churn.Cooling, churn.Healthy),
		change(0, 31, churn.Cooling, churn.AtRisk),
		change(0, 41, churn.AtRisk, churn.Lapsed),
		change(3, 99, churn.Cooling, churn.AtRisk), // outcome unknown
	}

	return newJudge(truthOf(log), changes, len(log.Customers), begins+10*dayMS, begins+100*dayMS, 10*dayMS)
}

func TestSignals(t *testing.T) {
	s := scripted().signals()
	if s.Raised != 2 || s.Losses != 2 {
		t.Errorf("%d raised, %d losses, want 2 and 2", s.Raised, s.Losses)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"precision", float64(s.Precision), 0.5},
		{"recall", float64(s.Recall), 0.5},          // a of a and b
		{"lead time", float64(s.LeadTimeMedian), 4}, // raised on 31, silent for ten days on 35
		{"cleared within 24 h", float64(s.ClearedSoon), 0.5},
		{"share alerted", float64(s.Alerted), 2.0 / 3}, // a and b of a, b and c
		{"level changes", float64(s.LevelChanges), 6 / ((80 + 80 + 78) / 30.0)},
		{"silence of the rule", float64(s.Silence.Days), 6},
		// Silent for six days: a twice (in and after the gap that ends on 20), b
		// three times, c eleven times. Then silent for ten more: a and b, once each.
		{"raised by the rule", float64(s.Silence.Raised), 15},
		{"precision of the rule", float64(s.Silence.Precision), 2.0 / 15},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}
}

// A level that stands when the silence begins is known for the whole horizon,
// not longer.
func TestLeadTimeIsNoLongerThanTheSilence(t *testing.T) {
	log := eventsOf(days(0, 20))
	changes := []Change{change(0, 12, churn.Cooling, churn.AtRisk)}
	s := newJudge(truthOf(log), changes, 1, begins+10*dayMS, begins+100*dayMS, 10*dayMS).signals()
	if s.LeadTimeMedian != 10 {
		t.Errorf("lead time %v days, want 10", s.LeadTimeMedian)
	}
}

func TestNoSignals(t *testing.T) {
	log := eventsOf(days(0, 5, 10, 15, 20))
	s := newJudge(truthOf(log), nil, 1, begins+10*dayMS, begins+20*dayMS, 10*dayMS).signals()
	for name, got := range map[string]Number{"precision": s.Precision, "lead time": s.LeadTimeMedian, "rule": s.Silence.Precision} {
		if !math.IsNaN(float64(got)) {
			t.Errorf("%s is %v without a signal", name, got)
		}
	}
}

// The same four customers: of the two losses, a's is told of six days after its
// last engagement of ten that the horizon has; b's by nobody.
func TestSignalsInTime(t *testing.T) {
	j := scripted()
	s := j.signals()
	if s.RecallInTime != 0.5 || s.DaysAfter != 6 {
		t.Errorf("told in time %v, %v days after the last engagement; want 0.5 and 6", s.RecallInTime, s.DaysAfter)
	}
	j.changes[0][2].At++ // a millisecond beyond 0.6 of the horizon
	if s := j.signals(); s.RecallInTime != 0 {
		t.Errorf("told in time %v, want nobody", s.RecallInTime)
	}
}

// A silence that began before the span is nobody's to tell of.
func TestSignalsOfOlderSilencesDoNotCount(t *testing.T) {
	log := eventsOf(days(0, 20), days(5))
	changes := []Change{change(1, 11, churn.Cooling, churn.AtRisk), change(0, 26, churn.Cooling, churn.AtRisk)}
	s := newJudge(truthOf(log), changes, 2, begins+10*dayMS, begins+100*dayMS, 10*dayMS).signals()
	if s.Raised != 1 || s.Precision != 1 {
		t.Errorf("%d raised, %v right, want the one of the silence from day 20 on", s.Raised, s.Precision)
	}
}

// The rule is chosen so that it raises as many, by trying every length.
func TestSilentForRaisesAsMany(t *testing.T) {
	log := complainers(func(bool) churn.Event { return churn.Event{} })
	j := newJudge(truthOf(log), nil, len(log.Customers), log.First+30*dayMS, log.Last, 20*dayMS)
	told := newTold(j)
	for _, raised := range []int{5, 40, 150, 400} {
		got := told.silentFor(raised)
		best := -1
		for silence := int64(0); silence <= j.until-j.from; silence += dayMS / 4 {
			if n := told.rule(silence).Raised; n <= raised && n > best {
				best = n
			}
		}
		if got.Raised > raised || got.Raised < best {
			t.Errorf("for %d signals the rule raises %d; by trying it would be %d", raised, got.Raised, best)
		}
		if right := float64(got.Precision) * float64(got.Raised); got.Raised > 0 && math.Abs(right-math.Round(right)) > 1e-6 {
			t.Errorf("precision %v of %d is no whole number of signals", got.Precision, got.Raised)
		}
	}
}

// How many are active at an average time, beside counting them at many times; and
// a horizon of a minute over months costs no more than one of months.
func TestActiveAtAnAverageTime(t *testing.T) {
	log := complainers(func(bool) churn.Event { return churn.Event{} })
	from, end := log.First+30*dayMS, log.Last
	for _, horizon := range []int64{60_000, 7 * dayMS, 40 * dayMS} {
		j := newJudge(truthOf(log), nil, len(log.Customers), from, end, horizon)
		const times = 4000
		count := 0
		for n := range int64(times) {
			at := j.from + (j.until-j.from)*n/times
			for c := range log.Customers {
				if engaged := j.truth.of(uint32(c)); engaged[0] <= at && at-j.last(uint32(c), at) < horizon {
					count++
				}
			}
		}
		got, want := newTold(j).active, float64(count)/times
		if math.Abs(got-want) > 0.02*want+0.01 {
			t.Errorf("horizon %d ms: %v active on average, counted %v", horizon, got, want)
		}
	}
}
