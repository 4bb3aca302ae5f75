package churn

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// driven is a few customers and their driver.
type driven struct {
	model  *Model
	states []State
	driver *Driver
	told   []Change
	who    []uint32
}

func newDriven(t *testing.T, customers int) *driven {
	d := &driven{model: newModel(t, Defaults()), states: make([]State, customers)}
	d.driver = NewDriver(func(customer uint32) *State { return &d.states[customer] })

	return d
}

func (d *driven) settle(customer uint32, at int64) {
	d.driver.Settle(d.model, customer, &d.states[customer], at, func(change Change) {
		d.told, d.who = append(d.told, change), append(d.who, customer)
	})
}

// pass lets time pass.
func (d *driven) pass(now int64) {
	for customer, at, ok := d.driver.Due(now); ok; customer, at, ok = d.driver.Due(now) {
		d.settle(customer, at)
	}
}

// What a driver tells does not depend on how often it is asked, comes in the order of
// time, and leaves nothing that is due.
func TestDriverTellsTheSameHoweverTimePasses(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		const customers = 5
		often, seldom := newDriven(t, customers), newDriven(t, customers)
		now := epoch
		for range rapid.IntRange(1, 30).Draw(rt, "events") {
			for range rapid.IntRange(0, 4).Draw(rt, "looks") {
				now += rapid.Int64Range(0, 9*day).Draw(rt, "step")
				often.pass(now)
			}
			customer := rapid.Uint32Range(0, customers-1).Draw(rt, "customer")
			for _, d := range []*driven{often, seldom} {
				d.pass(now)
				if d.model.Observe(&d.states[customer], Event{Time: now, Qualifying: true}) {
					d.settle(customer, now)
				}
			}
		}
		now += rapid.Int64Range(0, 300*day).Draw(rt, "silence")
		for at := now - 300*day; at < now; at += 20 * day {
			if at > epoch {
				often.pass(at)
			}
		}
		often.pass(now)
		seldom.pass(now)
		if !slices.Equal(often.told, seldom.told) || !slices.Equal(often.who, seldom.who) {
			rt.Fatalf("asked often it tells %+v of %v, asked seldom %+v of %v", often.told, often.who, seldom.told, seldom.who)
		}
		if !slices.IsSortedFunc(seldom.told, func(a, b Change) int { return int(a.At - b.At) }) {
			rt.Fatalf("told out of order: %+v", seldom.told)
		}
		for customer := range seldom.states {
			if change, ok := seldom.model.Evaluate(&seldom.states[customer], now); ok {
				rt.Fatalf("customer %d: %+v was due", customer, change)
			}
		}
	})
}

// Whoever waits is not looked at before, and whoever has left not at all.
func TestDriverLetsWaitAndLeave(t *testing.T) {
	d := newDriven(t, 3)
	for customer := range uint32(3) {
		d.model.Observe(&d.states[customer], Event{Time: epoch, Qualifying: true})
		d.settle(customer, epoch)
	}
	until := epoch + 400*day
	d.driver.Wait(0, &d.states[0], until)
	d.driver.Leave(1)
	d.states[1] = State{}
	d.pass(until - 1)
	if slices.Contains(d.who, 0) || slices.Contains(d.who, 1) || !slices.Contains(d.who, 2) {
		t.Errorf("told of %v, want of 2 alone", d.who)
	}
	if d.pass(until); !slices.Contains(d.who, 0) {
		t.Error("who waited was forgotten")
	}
	d.driver.Wait(0, &d.states[0], Never)
	if d.driver.Timers.Len() != 0 {
		t.Errorf("%d timers are left", d.driver.Timers.Len())
	}

	// A timer that the state no longer knows of does not ring.
	d.driver.Timers.Schedule(2, until+1)
	if customer, at, ok := d.driver.Due(until + day); ok {
		t.Errorf("customer %d rang at %d", customer, at)
	}
	d.states[2].SetTimer(until + 2*day)
	d.driver.Set(2, &d.states[2])
	if customer, _, ok := d.driver.Due(until + 2*day); !ok || customer != 2 {
		t.Errorf("customer %d rings: %v", customer, ok)
	}
}

// Who is calm has no change of level due, and is looked at when they would be anyway.
func TestWhoIsCalmHasNothingDue(t *testing.T) {
	calm := 0
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(t, Defaults())
		var s State
		now := epoch
		for range rapid.IntRange(1, 20).Draw(rt, "events") {
			now += rapid.Int64Range(0, 12*day).Draw(rt, "gap")
			m.Observe(&s, Event{Time: now, Qualifying: true})
		}
		for range 6 {
			now += rapid.Int64Range(0, 15*day).Draw(rt, "silence")
			if next, ok := m.calmUntil(&s, now); ok {
				calm++
				looked := s
				if change, ok := m.Evaluate(&looked, now); ok {
					rt.Fatalf("calm at %d, and due is %+v", now, change)
				}
				if want := m.NextLook(&s, now); next != want {
					rt.Fatalf("calm at %d until %d; the next look is at %d", now, next, want)
				}
			}
			m.Changes(&s, now, func(Change) {})
		}
	})
	if calm == 0 {
		t.Error("nobody was ever calm")
	}
}
