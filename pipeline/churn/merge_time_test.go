package churn

import (
	"math"
	"testing"
)

// An event may be of a millisecond before 1970, so no such time stands for none.
func TestMergeTellsEveryTimeFromNone(t *testing.T) {
	m, err := NewModel(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	const now = 1_777_896_000_000
	merged := func(at int64) State {
		var known, anonymous State
		m.Observe(&known, Event{Time: now, Qualifying: true})
		m.Observe(&anonymous, Event{Time: now + 1000, Qualifying: true})
		m.Merge(&known, &anonymous, at)

		return known
	}
	if merged(-1) != merged(-2) {
		t.Error("a history comes to something else where somebody said at -1 who they are")
	}
	if merged(AlreadyKnown) == merged(-2) {
		t.Error("a visit that goes on counts twice, which is no test")
	}
}

// A late event counts as often as it comes to one who is known, under whichever id: once, and
// not at all in a slot that was active.
func TestMergedLateEventsCountOnce(t *testing.T) {
	m, err := NewModel(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	heard := historyOf(m, []Event{{Time: 50 * mergeDay, Qualifying: true}, {Time: 90 * mergeDay, Qualifying: true}})
	merged := heard
	for _, at := range []int64{90*mergeDay - 1000, 80 * mergeDay, 80 * mergeDay, 50*mergeDay + 1, mergeDay, mergeDay, 91 * mergeDay, 91 * mergeDay} {
		late := Event{Time: at, Qualifying: true}
		m.ObserveLate(&heard, late)
		var alone State
		m.ObserveLate(&alone, late)
		m.Merge(&merged, &alone, HeardLate)
		if merged.Slots() != heard.Slots() || merged.tally != heard.tally || merged.recent != heard.recent || merged.last != heard.last || merged.First() != heard.First() ||
			math.Abs(float64(merged.events-heard.events)) > 1e-5 || math.Abs(float64(merged.visits[0]-heard.visits[0])) > 1e-5 {
			t.Fatalf("late on day %d: merged %+v, want %+v", at/mergeDay, merged, heard)
		}
	}
}
