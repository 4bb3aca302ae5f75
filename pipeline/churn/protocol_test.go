package churn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// watched is one customer, driven as a shard does: timers ring before events,
// and are set again when they ring. The lazy one also sets it after those
// events only after which Observe says sooner, the eager one after every event.
type watched struct {
	model   *Model
	state   State
	eager   bool
	clock   int64
	changes []Change
	set     int // how often a timer was set
}

func (w *watched) event(at int64, qualifying bool) {
	w.advance(at)
	if w.model.Observe(&w.state, Event{Time: at, Qualifying: qualifying}) || w.eager {
		w.settle()
	}
}

func (w *watched) advance(to int64) {
	for w.state.Known() && w.state.Timer() <= to {
		w.clock = w.state.Timer()
		w.settle()
	}
	w.clock = max(w.clock, to)
}

func (w *watched) settle() {
	w.changes = append(w.changes, evaluateAll(w.model, &w.state, w.clock)...)
	w.state.SetTimer(w.model.NextLook(&w.state, w.clock))
	w.set++
}

// A shard that touches timers only when told to changes every level at the
// very millisecond at which one does that looks at every minute, and after
// every event.
func TestLazyTimersChangeLevelsAtTheSameTime(t *testing.T) {
	changes, spared := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		lazy, eager := watched{model: m}, watched{model: m, eager: true}
		step := max(minute, m.Horizon()/50) // a minute, or what can be looked at
		events := 0
		look := func(to int64) {
			for at := eager.clock; at < to; at += step {
				eager.advance(at)
				if change, ok := m.Evaluate(&eager.state, at); ok {
					t.Fatalf("%+v, but no timer rang for it", change)
				}
			}
		}
		for _, at := range drawTimes(t, m.Horizon(), 1) {
			qualifying := rapid.IntRange(0, 4).Draw(t, "qualifying") > 0
			if events > 0 {
				look(min(at, eager.clock+200*step))
			}
			lazy.event(at, qualifying)
			eager.event(at, qualifying)
			if next := m.NextCrossing(&lazy.state, lazy.clock); lazy.state.Known() && next < lazy.state.Timer() {
				t.Fatalf("the level changes at %d, but the timer is at %d: %+v", next, lazy.state.Timer(), lazy.state)
			}
			events++
		}
		end := eager.clock + 3*m.Horizon()
		look(end)
		lazy.advance(end)
		eager.advance(end)
		if !slices.Equal(lazy.changes, eager.changes) {
			t.Fatalf("told when to look:\n%+v\nlooking always:\n%+v", lazy.changes, eager.changes)
		}
		changes += len(lazy.changes)
		spared += eager.set - lazy.set
	})
	if changes < 50 || spared < 100 {
		t.Errorf("%d changes, %d timers spared: the test has become weak", changes, spared)
	}
}

// The same for a shard that looks at the customer at every minute of months,
// and knows no timers: it sees each change of the lazy one within the minute
// after. Thresholds are crossed and cleared many times.
func TestTimersAgainstEveryMinute(t *testing.T) {
	const customers, minutes = 60, 4000
	random := rand.New(rand.NewPCG(5, 6))
	seen := 0
	for range customers {
		config := testConfig()
		config.Horizon = int64(100+random.IntN(300)) * minute
		config.Dwell = 0 // with a dwell, one minute of delay would delay the next
		m := newModel(t, config)
		lazy := watched{model: m}
		var minutely State
		var changes []Change
		gap := (0.05 + random.Float64()) * float64(config.Horizon)
		next := epoch
		for now := epoch; now < epoch+minutes*minute; now += minute {
			changes = append(changes, evaluateAll(m, &minutely, now)...)
			for ; next <= now; next += max(minute, int64(random.ExpFloat64()*gap)) {
				qualifying := random.IntN(5) > 0
				lazy.event(now, qualifying)
				m.Observe(&minutely, Event{Time: now, Qualifying: qualifying})
				changes = append(changes, evaluateAll(m, &minutely, now)...)
			}
		}
		lazy.advance(epoch + (minutes-1)*minute)
		lapsed := func(c Change) bool { return c.To == Lapsed || c.From == Lapsed }
		if slices.ContainsFunc(changes, lapsed) || slices.ContainsFunc(lazy.changes, lapsed) {
			continue // counts from the raise on, so a delay would delay it too
		}
		if len(changes) != len(lazy.changes) {
			t.Fatalf("at every minute:\n%+v\nby timers:\n%+v", changes, lazy.changes)
		}
		for i, c := range lazy.changes {
			late := changes[i].At - c.At
			if changes[i].To != c.To || late < 0 || late >= minute {
				t.Fatalf("at every minute %+v, by timers %+v", changes[i], c)
			}
		}
		seen += len(changes)
	}
	if seen < 200 {
		t.Errorf("only %d changes: the test has become weak", seen)
	}
}
