package backtest

import (
	"math"
	"slices"
	"testing"

	"ebb/pipeline/churn"
)

// pair is an evaluation of one customer who is lost and one who is not, both
// active, with the scores of two scorers; and of one who left long ago and
// has no say.
func pair(scorers [2]int, lost, kept [2]float64) evaluation {
	v := evaluation{rows: []row{{customer: 0, active: true, lost: true}, {customer: 1, active: true}, {customer: 2, lost: true}}}
	for i, scorer := range scorers {
		v.rows[0].scores[scorer], v.rows[1].scores[scorer] = lost[i], kept[i]
	}

	return v
}

func near(a Number, b float64) bool { return math.Abs(float64(a)-b) < 1e-12 }

func TestCold(t *testing.T) {
	scorers := [2]int{detector, closedForm}
	nobodyLost := evaluation{rows: []row{{customer: 1, active: true}}}
	nobodyLost.rows[0].scores[detector], nobodyLost.rows[0].scores[closedForm] = 0.2, 0.3
	cold := coldOf([]evaluation{
		pair(scorers, [2]float64{0.9, 0.2}, [2]float64{0.1, 0.4}),
		pair(scorers, [2]float64{0.6, 0.6}, [2]float64{0.6, 0.5}),
		nobodyLost, // has no AUC, but errors
	})
	if cold.Times != 3 || cold.Rows != 5 {
		t.Errorf("%d times and %d rows, want 3 and 5", cold.Times, cold.Rows)
	}
	if d := cold.Detector; !near(d.AUC, 0.75) || !near(d.Brier, (0.01+0.01+0.16+0.36+0.04)/5) {
		t.Errorf("detector %+v", d)
	}
	if c := cold.ClosedForm; !near(c.AUC, 0.5) || !near(c.Brier, (0.64+0.16+0.16+0.25+0.09)/5) {
		t.Errorf("closed form %+v", c)
	}
	if none := coldOf(nil); none.Times != 0 || none.Rows != 0 || !math.IsNaN(float64(none.Detector.AUC)) || !math.IsNaN(float64(none.Detector.Brier)) {
		t.Errorf("without a time: %+v", none)
	}
}

func TestColdTimes(t *testing.T) {
	for _, c := range []struct {
		before float64
		want   []int64
	}{
		{10, days(3, 5, 7, 9.5)},
		{7, days(3, 5)}, // by hand, within the first horizon
		{2, nil},
	} {
		if got := coldTimes(begins, 10*dayMS, days(c.before)[0]); !slices.Equal(got, c.want) {
			t.Errorf("before day %v: %v, want %v", c.before, got, c.want)
		}
	}
}

func TestLaterHalf(t *testing.T) {
	for n, want := range []int{0, 0, 1, 1, 2, 2} {
		later := laterOf([]int{0, 1, 2, 3, 4}[:min(n, 5)])
		if len(later) != want || want > 0 && later[want-1] != n-1 {
			t.Errorf("later half of %d times: %v, want the last %d", n, later, want)
		}
	}
	const right, tie, wrong = 0.9, 0.5, 0.1 // scores of the lost, where the others have 0.5
	var evaluations []evaluation
	for _, lost := range [][2]float64{{right, right}, {right, right}, {wrong, right}, {tie, wrong}, {right, tie}} {
		evaluations = append(evaluations, pair([2]int{detector, recency}, lost, [2]float64{0.5, 0.5}))
	}
	m := newMeasured(evaluations)
	times, _ := m.byTime(nil)
	half := laterHalfOf(m, times)
	if half.Times != 2 || !near(half.AUC, 0.75) || !near(half.Baselines["recency"], 0.25) || !near(half.Baselines["bgnbd_p0"], 0.5) {
		t.Errorf("%+v", half)
	}
	if len(half.Baselines) != len(Baselines()) {
		t.Errorf("%d baselines, want %d", len(half.Baselines), len(Baselines()))
	}
}

// Cold means that no outcome is complete: until the last time of the phase no
// weight has moved.
func TestColdIsBeforeLearning(t *testing.T) {
	log := mustRead(t, shopFile(13, 100, 60))
	cold := coldTimes(log.First, tenDays().Horizon, log.Last)
	e, err := newEngine(tenDays(), len(log.Customers), log.First)
	if err != nil {
		t.Fatal(err)
	}
	e.learned = func(churn.Row) { t.Fatalf("a row was learned from %v after the first event", span(e.clock-log.First)) }
	for i := range log.Events {
		if log.Events[i].Clock > cold[len(cold)-1] {
			break
		}
		if err := e.take(&log.Events[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.advance(cold[len(cold)-1]); err != nil {
		t.Fatal(err)
	}
	if by := learnedBy(e); by > 1e-9 {
		t.Errorf("a weight has moved by %v in the cold phase", by)
	}
}
