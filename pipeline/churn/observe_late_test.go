package churn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// signsOfLife is what must not depend on the order in which late events come.
type signsOfLife struct {
	first, last, own, ours, ended int64
	recent                        uint64
	slots                         uint16
}

func signs(s *State) signsOfLife {
	return signsOfLife{s.First(), s.last, s.heard.own(), s.heard.ours(), s.heard.ended(), s.recent, s.slots}
}

// Late events give the same times and active slots in any order, and one that
// comes again changes nothing at all.
func TestLateEventsInAnyOrder(t *testing.T) {
	const hour = int64(3600_000)
	config := Defaults()
	config.Horizon = 48 * hour
	m, err := NewModel(config)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		begin := 1_777_896_000_000 + rapid.Int64Range(0, 100*hour).Draw(t, "begin")
		var base State
		for _, at := range rapid.SliceOfN(rapid.Int64Range(0, 100*hour), 0, 5).Draw(t, "in time") {
			m.Observe(&base, Event{Time: begin + at, Qualifying: true})
		}
		late := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Event {
			return Event{
				Time:       begin + rapid.Int64Range(0, 300*hour).Draw(t, "at"),
				Qualifying: rapid.Bool().Draw(t, "qualifying"), Ends: rapid.IntRange(0, 5).Draw(t, "ends") == 0,
				Negative: true, Contact: true, Rated: true, Value: 7,
			}
		}), 1, 20).Draw(t, "late")

		one, other := base, base
		for _, event := range late {
			m.ObserveLate(&one, event)
		}
		shuffled := slices.Concat(late, late) // and twice
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		for _, event := range shuffled {
			m.ObserveLate(&other, event)
			again := other
			if m.ObserveLate(&again, event); again != other {
				t.Fatalf("%+v again makes %+v of %+v", event, again, other)
			}
		}
		if signs(&one) != signs(&other) {
			t.Fatalf("%+v, in another order %+v", signs(&one), signs(&other))
		}
		if one.negatives != base.negatives || one.contacts > base.contacts || one.rating != base.rating || one.purses.value[0] > base.purses.value[0] {
			t.Fatalf("late events count: %+v of %+v", one, base)
		}
		if _, err := readState(one.AppendBinary(nil)); err != nil {
			t.Fatal(err)
		}
	})
}

// A history of long ago that comes late is not one of customers who have left.
func TestLateEventsOfLongAgoMakeNoCustomers(t *testing.T) {
	m, err := NewModel(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	horizon, now := m.config.Horizon, int64(1_777_896_000_000)
	var unknown, known State
	m.Observe(&known, Event{Time: now - 10*horizon, Qualifying: true})
	for _, test := range []struct {
		state *State
		at    int64
		want  bool
	}{{&unknown, now - horizon, true}, {&unknown, now - horizon - 1, false}, {&known, now - 20*horizon, true}} {
		if got := m.TakesLate(test.state, test.at, now); got != test.want {
			t.Errorf("at %d, %v before: %t", test.at, now-test.at, got)
		}
	}
}
