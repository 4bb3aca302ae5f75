package churn

import (
	"maps"
	"testing"
)

// The numbers stand for what their names say.
func TestNumbersOfAReason(t *testing.T) {
	m := newModel(t, testConfig())
	var s State
	for _, at := range []int64{0, 1, 2, 30, 33, 60} {
		m.Observe(&s, Event{Time: epoch + at*day, Qualifying: true})
	}
	m.Observe(&s, Event{Time: epoch + 61*day, Negative: true, Trouble: Payment})
	m.Observe(&s, Event{Time: epoch + 62*day, Negative: true, Trouble: Complaint, Rated: true, Scored: true, Experience: -0.35})
	m.Observe(&s, Event{Time: epoch + 69*day, Contact: true})
	m.Observe(&s, Event{Time: epoch + 70*day, Contact: true})
	m.Observe(&s, Event{Time: epoch + 76*day, Notice: OpenedMail})
	now := epoch + 80*day
	f := m.Facts(&s, now)
	slots := map[int64]bool{}
	for _, at := range []int64{0, 1, 2, 30, 33, 60} {
		slots[(epoch+at*day)/m.Slot()] = true
	}
	visits := int64(len(slots))
	for code, want := range map[string]map[string]int64{
		CodeRhythm:  {"every_ms": 60 * day / (visits - 1), "silent_ms": 20 * day},
		CodeRecency: {"every_ms": 60 * day / (visits - 1), "silent_ms": 20 * day},
		CodeHistory: {"visits": visits, "silent_ms": 20 * day, "known_ms": 80 * day},
		CodeContact: {"contact_ms": 4 * day, "every_ms": 60 * day / (visits - 1), "silent_ms": 20 * day},
		CodeTrend: {
			"recent": int64(f.Recent), "before": int64(f.Before), "slot_ms": m.Slot(),
			"visits_recent": 2, "visits_before": 3,
		},
		CodeNegatives:  {"negatives": 2, "trouble_at": minuteOf(epoch + 62*day)},
		CodeExperience: {"rating": -35},
		CodePressure:   {"messages": 2},
		CodeLeft:       {"left_at": 0},
	} {
		if got := f.numbers(code); !maps.Equal(got, want) {
			t.Errorf("%s has the numbers %v, want %v", code, got, want)
		}
	}
	if f.numbers("weather") == nil || len(f.numbers("weather")) > 0 {
		t.Error("there are numbers of the weather")
	}
}

func minuteOf(at int64) int64 { return at - at%minute }

// The pause that is stated is the customer's own, down to two visits a slot.
func TestUsualPause(t *testing.T) {
	m := newModel(t, testConfig())
	for _, gap := range []int64{1, 2, 4, 7, 14, 30, 90, 400} {
		for visits := int64(20); visits <= 60; visits += 4 {
			var s State
			for i := range visits {
				m.Observe(&s, Event{Time: 1_000_000_000_000 + i*gap*day, Qualifying: true})
			}
			got := m.Facts(&s, s.Last()).Every
			if gap < 4 && (got < gap*day*85/100 || got > gap*day*115/100) || gap >= 4 && got != gap*day {
				t.Errorf("%d visits every %d days: got %v days", visits, gap, float64(got)/float64(day))
			}
		}
	}
}
