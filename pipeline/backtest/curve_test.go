package backtest

import (
	"math"
	"testing"

	"ebb/pipeline/churn"
)

// leavers are customers with all that changes risks: complaints, ratings, ends of
// the relation, and events that come late.
func leavers() *Log {
	n := 0
	log := complainers(func(bad bool) churn.Event {
		n++

		return churn.Event{Negative: bad && n%3 == 0, Ends: bad && n%5 == 0, Rated: n%2 == 0, Experience: -0.5, Notice: churn.OpenedMail}
	})
	for i := range log.Events {
		log.Events[i].Late = i%17 == 0
	}

	return log
}

// A curve follows from one way through the log; a detector whose threshold it is
// goes through the log for each. Both give the same, to the millisecond.
func TestCurveIsWhatEveryThresholdGives(t *testing.T) {
	log := leavers()
	config := tenDays()
	one, err := newEngine(config, len(log.Customers), log.First)
	if err != nil {
		t.Fatal(err)
	}
	one.ladder = newLadder(one.model, curveThresholds(), len(log.Customers))
	if err := one.stream(t.Context(), log, func(uint64) {}); err != nil {
		t.Fatal(err)
	}
	one.ladder.climbAll(one.states, log.Last)
	if by := learnedBy(one); by < 0.01 {
		t.Fatalf("no weight has moved by more than %v; the test needs a longer log", by)
	}
	for rung, at := range curveThresholds() {
		e, err := newEngine(raisedAt(config, at), len(log.Customers), log.First)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.stream(t.Context(), log, func(uint64) {}); err != nil {
			t.Fatal(err)
		}
		got, want := atRiskChanges(one.ladder.changes[rung]), atRiskChanges(e.changes)
		raised := 0
		for c := range log.Customers {
			customer := uint32(c)
			if len(got[customer]) != len(want[customer]) {
				t.Fatalf("at %v: %d changes of customer %d, want %d", at, len(got[customer]), c, len(want[customer]))
			}
			for i, change := range want[customer] {
				if got[customer][i] != change {
					t.Fatalf("at %v: change %d of customer %d is %+v, want %+v", at, i, c, got[customer][i], change)
				}
				if change.score > 0 {
					raised++
				}
			}
		}
		if raised < 20 {
			t.Errorf("at %v: %d raised; the test needs more", at, raised)
		}
	}
}

// atRiskChange is what a ladder knows of a change.
type atRiskChange struct {
	at    int64
	to    churn.Level // cooling stands for healthy, too
	score churn.Score // of at_risk raised
}

func atRiskChanges(changes []Change) map[uint32][]atRiskChange {
	list := make(map[uint32][]atRiskChange)
	for _, c := range changes {
		if max(c.From, c.To) < churn.AtRisk {
			continue
		}
		change := atRiskChange{at: c.At, to: max(c.To, churn.Cooling)}
		if c.Raised && c.To == churn.AtRisk {
			change.score = c.Score
		}
		list[c.Customer] = append(list[c.Customer], change)
	}

	return list
}

// The point of the report's own signals is one of the curve, and says the same.
func TestCurveHasTheChosenPoint(t *testing.T) {
	config := configOf(0)
	config.Churn = churn.Defaults()
	config.Churn.Horizon = 10 * dayMS
	r := mustRun(t, leavers(), config)
	if len(r.Curve) != curveSteps+1 {
		t.Fatalf("%d points, want %d", len(r.Curve), curveSteps+1)
	}
	chosen := 0
	for i := range r.Curve {
		p := &r.Curve[i]
		if i > 0 && p.AtRiskAt < r.Curve[i-1].AtRiskAt {
			t.Errorf("point %d is at %v, after %v", i, p.AtRiskAt, r.Curve[i-1].AtRiskAt)
		}
		if !p.Chosen {
			continue
		}
		chosen++
		if p.AtRiskAt != r.Signals.Threshold || p.Raised != r.Signals.Raised || p.Precision != r.Signals.Precision ||
			p.RecallInTime != r.Signals.RecallInTime || p.SilentFor != r.RuleSilentFor {
			t.Errorf("the chosen point is %+v, the signals %+v, the rule %+v", p, r.Signals, r.RuleSilentFor)
		}
	}
	if chosen != 1 {
		t.Errorf("%d points are chosen", chosen)
	}
}

// Telling by chance is as often right as a customer who is active at any time
// has nothing more in a horizon: by counting at many times.
func TestTellingByChance(t *testing.T) {
	log := leavers()
	j := newJudge(truthOf(log), nil, len(log.Customers), log.First+30*dayMS, log.Last, 20*dayMS)
	const times = 3000
	active, right := 0.0, 0.0
	for n := range int64(times) {
		at := j.from + (j.until-j.from)*n/times
		for c := range log.Customers {
			last := j.last(uint32(c), at)
			if last > at || at-last >= j.horizon {
				continue
			}
			active++
			if j.truth.quiet(uint32(c), at, at+j.horizon) {
				right++
			}
		}
	}
	got := newTold(j).random(0.5)
	if want := right / active; math.Abs(float64(got.Precision)-want) > 0.01 {
		t.Errorf("by chance %v are right, by counting %v", got.Precision, want)
	}
	if want := 1 - math.Exp(-0.3); math.Abs(float64(got.RecallInTime)-want) > 1e-12 {
		t.Errorf("by chance %v are told of in time, want %v", got.RecallInTime, want)
	}
}
