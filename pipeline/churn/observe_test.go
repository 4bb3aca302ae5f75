package churn

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestObserveKeepsWhatEventsSay(t *testing.T) {
	m := newModel(t, Defaults())
	var s State
	h := m.Horizon()
	m.Observe(&s, Event{Time: epoch, Contact: true}) // before the first engagement
	m.Observe(&s, Event{Time: epoch, Qualifying: true, Value: 8, Channel: 3})
	m.Observe(&s, Event{Time: epoch + hour, Negative: true, Value: -2, Channel: 5})
	m.Observe(&s, Event{Time: epoch + hour, Contact: true})
	m.Observe(&s, Event{Time: epoch + hour, Rated: true, Experience: -1})
	if s.purses.value[0] != 6 || s.negatives != 1 || s.contacts != 1 || s.experience != -0.5 || s.channel != 3 {
		t.Errorf("value %v, %v negatives, %v contacts, experience %v, channel %d", s.purses.value[0], s.negatives, s.contacts, s.experience, s.channel)
	}
	if s.against != 1 || s.unanswered != 1 || s.rating != -100 {
		t.Errorf("%d negatives, %d messages unanswered, rating %d", s.against, s.unanswered, s.rating)
	}

	m.Observe(&s, Event{Time: epoch + 2*h, Qualifying: true, Channel: 7}) // a half-life of the longest memory
	near := func(got float32, want float64) bool { return math.Abs(float64(got)-want) < 1e-6 }
	if !near(s.purses.value[0], 3) || !near(s.negatives, 0.5) || !near(s.experience, -0.25) || !near(s.contacts, 1.0/16) {
		t.Errorf("faded: value %v, %v negatives, experience %v, %v contacts", s.purses.value[0], s.negatives, s.experience, s.contacts)
	}
	if s.against != 1 || s.unanswered != 0 || s.rating != -100 || s.channel != 7 {
		t.Errorf("%d negatives, %d messages unanswered, rating %d, channel %d", s.against, s.unanswered, s.rating, s.channel)
	}

	m.Observe(&s, Event{Time: epoch + h, Qualifying: true, Channel: 9}) // out of order
	if s.channel != 7 {
		t.Errorf("channel %d of an event before the latest", s.channel)
	}
}

// settleAll applies what is due and returns the changes.
func settleAll(m *Model, s *State, now int64) (changes []Change) {
	for {
		change, ok := m.Evaluate(s, now)
		if !ok {
			return changes
		}
		changes = append(changes, change)
	}
}

func TestWhoEndsTheRelationHasLapsed(t *testing.T) {
	m := newModel(t, Defaults())
	var s State
	if m.Observe(&s, Event{Time: epoch, Ends: true}) || s.Left() {
		t.Error("one who never engaged has left")
	}
	for i := range int64(10) {
		m.Observe(&s, Event{Time: epoch + i*day, Qualifying: true})
	}
	end := epoch + 9*day + hour
	if !m.Observe(&s, Event{Time: end, Ends: true, Negative: true}) {
		t.Error("no change is due after the end of the relation")
	}
	if at := m.NextCrossing(&s, end); at != end {
		t.Errorf("the next crossing is %d, want %d", at, end)
	}
	changes := settleAll(m, &s, end)
	if len(changes) != 1 || changes[0].To != Lapsed || changes[0].Score != Certain || !changes[0].Raised {
		t.Fatalf("changes %+v", changes)
	}
	if reasons := m.Reasons(&s, end); len(reasons) != 1 || reasons[0].Code != CodeLeft {
		t.Errorf("reasons %+v", reasons)
	}
	if m.NextCrossing(&s, end) != Never || len(settleAll(m, &s, end+20*day)) != 0 {
		t.Error("a level changes in the silence after the end")
	}

	// What came before the end, and becomes known after it, is no return.
	m.Observe(&s, Event{Time: end - 1, Qualifying: true})
	if !s.Left() || len(settleAll(m, &s, end+day)) != 0 {
		t.Error("an event from before the end brings the customer back")
	}
	m.Observe(&s, Event{Time: end + 2*day, Qualifying: true})
	changes = settleAll(m, &s, end+2*day)
	if s.Left() || s.Level() != Healthy || len(changes) != 3 || changes[0].Raised {
		t.Errorf("back: %+v, level %v", changes, s.Level())
	}
}

func TestTheEndOfTheRelationIsTheOutcome(t *testing.T) {
	m := newModel(t, Defaults())
	s := NewSampler(m, 1)
	states := make([]State, 3)
	state := func(c uint32) *State { return &states[c] }
	start := (epoch/m.Slot() + 1) * m.Slot()
	for c := range states {
		m.Observe(&states[c], Event{Time: start - day, Qualifying: true})
	}
	s.Draw(m, start, 3, state)
	for c := range states { // all come back, and two leave
		m.Observe(&states[c], Event{Time: start + day, Qualifying: true})
	}
	for c := 1; c < 3; c++ {
		m.Observe(&states[c], Event{Time: start + 2*day, Ends: true})
		settleAll(m, &states[c], start+2*day)
	}

	// Neither outcome is known before the other.
	next := start + m.Slot()
	s.Draw(m, next, 3, state)
	for _, row := range s.Report(m, next, state) {
		if row.Outcome.Complete() {
			t.Errorf("outcome %v before the horizon is over", row.Outcome)
		}
	}

	// Who is back by the end of the horizon has not been lost.
	m.Observe(&states[2], Event{Time: start + 20*day, Qualifying: true})
	settleAll(m, &states[2], start+20*day)
	over := start + m.Horizon() + m.Slot()
	s.Draw(m, over, 3, state)
	var outcomes []Outcome
	for _, row := range s.Report(m, over, state) {
		if row.Outcome.Complete() {
			outcomes = append(outcomes, row.Outcome)
		}
	}
	if len(outcomes) < 3 || !slices.Equal(outcomes[:3], []Outcome{Returned, Lost, Returned}) {
		t.Errorf("outcomes %v, want Returned, Lost and Returned first", outcomes)
	}
}

// Ends are compared with engagements by when they were, not by when they came.
func TestEndsOutOfOrder(t *testing.T) {
	m := newModel(t, Defaults())
	renewed := func() State {
		var s State
		m.Observe(&s, Event{Time: epoch, Qualifying: true})

		return s
	}
	s := renewed()
	m.Observe(&s, Event{Time: epoch - 1, Ends: true})
	if s.Left() {
		t.Error("an end before the latest engagement counts")
	}

	s = renewed()
	lapsed := epoch + 400*day
	settleAll(m, &s, lapsed)
	settleAll(m, &s, lapsed+m.Horizon())
	if s.Level() != Lapsed {
		t.Fatalf("level %v", s.Level())
	}
	end := lapsed + 2*m.Horizon()
	m.Observe(&s, Event{Time: end, Ends: true})
	m.Observe(&s, Event{Time: end - 1, Qualifying: true})
	if changes := settleAll(m, &s, end+day); !s.Left() || len(changes) != 0 {
		t.Errorf("an engagement from before the end brings back who had lapsed: %+v", changes)
	}
}

// Whoever reports in between, and however often, the outcome is the same: here
// of one who leaves an hour after the draw and is back an hour later.
func TestReportsDoNotChangeOutcomes(t *testing.T) {
	for _, reported := range []bool{false, true} {
		m := newModel(t, Defaults())
		s := NewSampler(m, 1)
		var who State
		state := func(uint32) *State { return &who }
		start := (epoch/m.Slot() + 1) * m.Slot()
		m.Observe(&who, Event{Time: start - day, Qualifying: true})
		s.Draw(m, start, 1, state)
		m.Observe(&who, Event{Time: start + hour, Ends: true})
		settleAll(m, &who, start+hour)
		if reported {
			if rows := s.Report(m, start+hour, state); len(rows) != 1 || rows[0].Outcome != Waiting {
				t.Errorf("rows %+v of one who has left, want one that waits", rows)
			}
		}
		m.Observe(&who, Event{Time: start + 2*hour, Qualifying: true})
		settleAll(m, &who, start+2*hour)
		over := start + m.Horizon()
		s.Draw(m, over, 1, state)
		if rows := s.Report(m, over, state); len(rows) == 0 || rows[0].Outcome != Returned {
			t.Errorf("rows %+v with a report in between %v, want Returned", rows, reported)
		}
	}
}

// The end of a relation and an engagement may arrive together, minutes late:
// which of them is looked at first makes no difference.
func TestAnEndAndAnEngagementInAnyOrder(t *testing.T) {
	lapsed := 0
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		before, now := drawCustomer(t, m)
		about := rapid.Int64Range(-m.Horizon()/4, m.Horizon()/4)
		end := Event{Time: max(now+about.Draw(t, "end"), 0), Ends: true}
		back := Event{Time: max(now+about.Draw(t, "engagement"), 0), Qualifying: true}
		if rapid.IntRange(0, 9).Draw(t, "at once") == 0 {
			back.Time = end.Time
		}
		now += rapid.Int64Range(0, m.Horizon()).Draw(t, "later")

		one, other := before, before
		m.Observe(&one, end)
		m.Observe(&one, back)
		m.Observe(&other, back)
		m.Observe(&other, end)
		if one != other {
			t.Fatalf("the end first:\n%+v\nthe engagement first:\n%+v", one, other)
		}

		// A level that the first of them has raised stands for its dwell; who has
		// left does not hang on it.
		between := before
		m.Observe(&between, end)
		evaluateAll(m, &between, now)
		m.Observe(&between, back)
		evaluateAll(m, &one, now)
		evaluateAll(m, &other, now)
		if one.Level() != other.Level() || one.Left() != other.Left() || between.Left() != one.Left() {
			t.Fatalf("the end first:\n%+v\nand evaluated:\n%+v\nthe engagement first:\n%+v", one, between, other)
		}
		if one.Left() {
			lapsed++
		}
	})
	if lapsed < 10 {
		t.Errorf("%d customers left: the test has become weak", lapsed)
	}
}

// An end counts, however late it is known, if no engagement was after it.
func TestLeftAgainstAllEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		var s State
		ends, engaged := int64(-1), int64(-1)
		for range rapid.IntRange(1, 12).Draw(t, "events") {
			at := rapid.Int64Range(0, 8).Draw(t, "time") * hour
			if rapid.Bool().Draw(t, "ends") {
				m.Observe(&s, Event{Time: at, Ends: true})
				ends = max(ends, at)
			} else {
				m.Observe(&s, Event{Time: at, Qualifying: true})
				engaged = max(engaged, at)
			}
			if rapid.Bool().Draw(t, "evaluated") {
				evaluateAll(m, &s, 9*hour)
			}
		}
		if want := engaged >= 0 && ends >= engaged; s.Left() != want {
			t.Fatalf("left %v, want %v: the last end at %d, the last engagement at %d", s.Left(), want, ends, engaged)
		}
	})
}
