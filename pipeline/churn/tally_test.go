package churn

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever comes in whatever order, the tally has the visits of the newest
// slots: of those that were active in each at least one, and no more than the
// faded visits tell of in all.
func TestTallyGoesWithTheSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, _ := drawCustomer(t, m)
		for back := range int64(tallySlots) {
			if active := s.recent>>uint64(back)&1 == 1; active != (s.tally.of(back) > 0) {
				t.Fatalf("slot %d back: recent %#x, visits %#x", back, s.recent, s.tally)
			}
		}
	})
}

func TestTally(t *testing.T) {
	m := newModel(t, testConfig())
	var s State
	start := (epoch/m.Slot() + 1) * m.Slot()
	for i := range int64(40) { // ten hours are a pause, two are none
		m.Observe(&s, Event{Time: start + i*10*hour, Qualifying: true})
		m.Observe(&s, Event{Time: start + i*10*hour + 2*hour, Qualifying: true})
	}
	// 90 hours a slot: nine visits each, up to 400 hours.
	for back, want := range []int{4, 9, 9, 9, 9, 0} {
		if got := s.tally.of(int64(back)); got != want {
			t.Errorf("%d slots back: %d visits, want %d: %#x", back, got, want, s.tally)
		}
	}
	var full tally
	for range 40 {
		full.add(3)
	}
	full.add(-1)
	full.add(tallySlots)
	if full.of(3) != mostVisits || full.of(2) != 0 || full.of(4) != 0 {
		t.Errorf("%#x", full)
	}
	full.shift(1 << 40)
	if full != 0 {
		t.Errorf("%#x is left of long ago", full)
	}
}
