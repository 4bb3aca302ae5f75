package churn

import "testing"

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
