package churn

import (
	"errors"
	"math"
	"testing"

	"ebb/windows/codec"

	"pgregory.net/rapid"
)

const mergeDay = int64(24 * 3_600_000)

// drawEvents draws what one id does from a time on, in order.
func drawEvents(t *rapid.T, label string, at int64, most int) (events []Event) {
	euro, dollar := CurrencyOf("EUR"), CurrencyOf("USD")
	for range rapid.IntRange(0, most).Draw(t, label) {
		at += rapid.OneOf(rapid.Int64Range(0, 2*3_600_000), rapid.Int64Range(0, 40*mergeDay)).Draw(t, "pause")
		e := Event{Time: at, Channel: uint8(rapid.IntRange(0, 3).Draw(t, "channel"))}
		switch rapid.IntRange(0, 7).Draw(t, "what") {
		case 0:
			e.Qualifying, e.Value, e.Currency = true, float64(rapid.IntRange(1, 90).Draw(t, "paid")), rapid.SampledFrom([]Currency{euro, euro, dollar}).Draw(t, "currency")
		case 1:
			e.Negative, e.Trouble = true, Trouble(rapid.IntRange(0, Troubles-1).Draw(t, "trouble"))
		case 2:
			e.Settles = true
		case 3:
			e.Contact, e.Ours = true, true
		case 4:
			e.Notice = OpenedMail
		case 5:
			e.Ends = true
		default:
			e.Qualifying = true
		}
		events = append(events, e)
	}

	return events
}

func historyOf(m *Model, events ...[]Event) (s State) {
	for _, some := range events {
		for _, e := range some {
			m.Observe(&s, e)
		}
	}

	return s
}

// told is the history as the other partition reads it.
func toldOf(t *rapid.T, m *Model, s *State) State {
	read, err := m.Read(m.Tell(s, "web"), s.channel, 0)
	if err != nil {
		t.Fatal(err)
	}

	return read
}

// Whoever signs in after all that they did under an anonymous id has the history that one
// id would have: times, slots, visits, sums, what they paid and what went wrong.
func TestMergedHistoryIsThatOfOneID(t *testing.T) {
	m, err := NewModel(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	same, apart := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		start := int64(1_700_000_000_000)
		before := drawEvents(t, "before", start, 12)
		for _, e := range before {
			start = e.Time
		}
		join := Event{Time: start + rapid.OneOf(rapid.Int64Range(1, 3*3_600_000), rapid.Int64Range(1, 30*mergeDay)).Draw(t, "until"), Qualifying: true}
		behind := append([]Event{join}, drawEvents(t, "behind", join.Time, 12)...)

		want, anonymous, got := historyOf(m, before, behind), historyOf(m, before), historyOf(m, behind)
		other := toldOf(t, m, &anonymous)
		if m.sameVisit(&got, &other, join.Time) {
			same++
		} else {
			apart++
		}
		m.Merge(&got, &other, join.Time)

		if got.First() != want.First() || got.last != want.last || got.heard != want.heard || got.recent != want.recent || got.tally != want.tally {
			t.Fatalf("times, slots, visits\n%+v\nwant\n%+v", got, want)
		}
		if got.marks&markCame != want.marks&markCame || got.Left() != want.Left() || got.against != want.against ||
			got.trouble != want.trouble || got.unanswered != want.unanswered || got.channel != want.channel || got.marks&markNotice != want.marks&markNotice {
			t.Fatalf("what is told\n%+v\nwant\n%+v", got, want)
		}
		if want.slots <= recentSlots && m.slotOf(want.last)-m.slotOf(want.First()) < recentSlots && got.slots != want.slots {
			t.Fatalf("%d slots, want %d", got.slots, want.slots)
		}
		for i := range got.visits {
			mergeNear(t, "visits", got.visits[i], want.visits[i])
		}
		mergeNear(t, "events", got.events, want.events)
		if want.Known() && anonymous.Known() {
			mergeNear(t, "negatives", got.negatives, want.negatives)
		}
		if got.purses.currency == want.purses.currency && anonymous.Known() { // else there were as many orders in both
			for i := range got.purses.value {
				mergeNear(t, "paid", got.purses.value[i], want.purses.value[i])
			}
		}
		if got.purses.orders != want.purses.orders {
			t.Fatalf("orders %v, want %v", got.purses.orders, want.purses.orders)
		}
		mergedIsAState(t, &got)
	})
	if same < 20 || apart < 20 {
		t.Errorf("%d went on with a visit and %d did not, which is no test", same, apart)
	}
}

// An event that follows somebody who is known already, later than all that they did, leaves
// the history that it leaves where it is observed.
func TestMergeOfAnEventThatFollows(t *testing.T) {
	m, err := NewModel(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		got := historyOf(m, []Event{{Time: 1_700_000_000_000, Qualifying: true}}, drawEvents(t, "before", 1_700_000_000_000, 12))
		e := Event{
			Time:       max(got.last, got.heard.latest()) + rapid.OneOf(rapid.Int64Range(1, 3*3_600_000), rapid.Int64Range(1, 30*mergeDay)).Draw(t, "until"),
			Qualifying: true, Channel: 2,
		}
		var alone State
		m.Observe(&alone, e)
		want := got
		m.Observe(&want, e)
		other := toldOf(t, m, &alone)
		m.Merge(&got, &other, AlreadyKnown)

		if got.recent != want.recent || got.tally != want.tally || got.slots != want.slots || got.heard != want.heard || got.last != want.last || got.channel != want.channel ||
			got.unanswered != want.unanswered || got.marks != want.marks || got.purses.orders != want.purses.orders || got.since != want.since || got.first != want.first || got.timer.rest() != want.timer.rest() {
			t.Fatalf("%+v\nwant\n%+v", got, want)
		}
		for i := range got.visits {
			mergeNear(t, "visits", got.visits[i], want.visits[i])
		}
		mergeNear(t, "events", got.events, want.events)
		mergeNear(t, "contacts", got.contacts, want.contacts)
	})
}

// Whoever was here under both ids by turns has the times, slots and sums of one, and no
// more visits than both had.
func TestMergedHistoriesThatOverlap(t *testing.T) {
	m, err := NewModel(Defaults())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		a := historyOf(m, drawEvents(t, "known", 1_700_000_000_000, 15))
		b := historyOf(m, drawEvents(t, "anonymous", 1_700_000_000_000+rapid.Int64Range(-90*mergeDay, 90*mergeDay).Draw(t, "from"), 15))
		got, other := a, toldOf(t, m, &b)
		at := max(a.last, a.heard.latest()) - rapid.Int64Range(0, mergeDay).Draw(t, "ago")
		sooner := m.Merge(&got, &other, max(at, 0))
		if sooner != got.Known() || got.Known() != (a.Known() || b.Known()) {
			t.Fatalf("sooner %v, known %v", sooner, got.Known())
		}
		switch {
		case got.last != max(a.last, b.last), got.heard.own() != max(a.heard.own(), b.heard.own()), got.heard.ours() != max(a.heard.ours(), b.heard.ours()),
			got.heard.ended() != max(a.heard.ended(), b.heard.ended()), got.trouble != max(a.trouble, b.trouble):
			t.Fatalf("%+v of %+v and %+v", got, a, b)
		case got.slots < max(a.slots, b.slots)-0 && a.Known() && b.Known() && m.slotOf(got.last)-m.slotOf(got.First()) < recentSlots:
			t.Fatalf("%d slots of %d and %d", got.slots, a.slots, b.slots)
		case got.level != a.level, got.episode != a.episode, got.alerted != a.alerted, got.Since() != a.Since():
			t.Fatalf("levels are of the known one: %+v", got)
		}
		m.align(&a, &b)
		for i := range got.visits {
			if v := float64(got.visits[i]); v < .9999*float64(min(a.visits[i], b.visits[i])) || v > 1.0001*float64(a.visits[i]+b.visits[i]) {
				t.Fatalf("%v visits of %v and %v", got.visits, a.visits, b.visits)
			}
		}
		mergedIsAState(t, &got)
	})
}

// mergedIsAState looks for what the formulas and a snapshot need.
func mergedIsAState(t *rapid.T, s *State) {
	r := codec.From(s.AppendBinary(nil), errors.New("no state"))
	if read := ReadState(&r); r.Err() != nil || read != *s {
		t.Fatalf("%+v is read as %+v, %v", *s, read, r.Err())
	}
}

func mergeNear(t *rapid.T, what string, got, want float32) {
	if math.Abs(float64(got-want)) > 1e-3*(1e-3+math.Abs(float64(want))) {
		t.Fatalf("%s %v, want %v", what, got, want)
	}
}

// A third currency takes the place of the second where more was ordered in it.
func TestMergedPurses(t *testing.T) {
	euro, dollar, pound := CurrencyOf("EUR"), CurrencyOf("USD"), CurrencyOf("GBP")
	p := purses{value: [2]float32{50, 30}, orders: [2]uint16{5, 2}, currency: [2]Currency{euro, dollar}}
	p.merge(&purses{value: [2]float32{80, -3}, orders: [2]uint16{9, 0}, currency: [2]Currency{pound, euro}})
	if want := (purses{value: [2]float32{80, 47}, orders: [2]uint16{7, 5}, currency: [2]Currency{pound, euro}}); p != want {
		t.Errorf("%+v, want %+v", p, want)
	}
	p.merge(&purses{value: [2]float32{9}, orders: [2]uint16{1}, currency: [2]Currency{dollar}})
	if want := (purses{value: [2]float32{80, 47}, orders: [2]uint16{7, 4}, currency: [2]Currency{pound, euro}}); p != want {
		t.Errorf("%+v, want %+v", p, want)
	}
}

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
