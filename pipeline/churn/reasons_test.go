package churn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReasonsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawModel(t)
		s, now := drawCustomer(t, m)
		reasons := m.Reasons(&s, now)
		if !s.Known() {
			if len(reasons) != 0 {
				t.Fatalf("reasons for a customer who never engaged: %+v", reasons)
			}

			return
		}
		if s.Left() {
			if len(reasons) != 1 || reasons[0].Code != CodeLeft || reasons[0].Text == "" {
				t.Fatalf("reasons for a customer who has left: %+v", reasons)
			}

			return
		}
		look := m.look(&s)
		want := look.full(now)
		sum := m.Base()
		codes := map[string]bool{}
		for i, reason := range reasons {
			sum += reason.LogOdds
			if codes[reason.Code] {
				t.Fatalf("two reasons %s", reason.Code)
			}
			codes[reason.Code] = true
			if i > 0 && reason.LogOdds > reasons[i-1].LogOdds {
				t.Fatalf("reasons out of order: %+v", reasons)
			}
			if reason.Text == "" || strings.ContainsAny(reason.Text, "{}") || reason.LogOdds == 0 ||
				reason.Silent < 0 || reason.Contact < 0 || reason.Known < 0 || reason.Every < 0 ||
				now >= s.LastAny() && (reason.Known < reason.Silent || reason.Contact > reason.Silent) ||
				reason.Slot != m.Slot() || reason.Visits != s.Slots() || reason.Recent+reason.Before > reason.Visits {
				t.Fatalf("numbers don't fit together: %+v", reason)
			}
		}
		// Every part is rounded to a ten thousandth.
		if math.Abs(sum-want) > 0.5e-4*float64(len(groups))+1e-9 {
			t.Fatalf("parts and base add up to %v, want %v: %+v", sum, want, reasons)
		}
		if score := m.Score(&s, now); math.Abs(score.Risk()-sigmoid(sum)) > 2e-4 {
			t.Fatalf("parts and base add up to the risk %v, the score is %v", sigmoid(sum), score.Risk())
		}
		if m.Horizon() >= 7*day && codes[CodeWeek] {
			t.Fatalf("the week is a reason for a horizon that has all of it: %+v", reasons)
		}
	})
}

// Every term is explained, once.
func TestGroupsHaveEveryTerm(t *testing.T) {
	seen := map[int]string{}
	for _, group := range groups {
		for _, term := range group.terms {
			if seen[term] != "" {
				t.Errorf("term %d is in the groups %s and %s", term, seen[term], group.code)
			}
			seen[term] = group.code
		}
	}
	if len(seen) != features {
		t.Errorf("%d terms are explained, want %d", len(seen), features)
	}
}

func TestReasonsPointTheRightWay(t *testing.T) {
	m := newModel(t, testConfig())
	part := func(s State, now int64, code string) float64 {
		for _, reason := range m.Reasons(&s, now) {
			if reason.Code == code {
				return reason.LogOdds
			}
		}

		return 0
	}
	var weekly, once, busy State
	for i := range int64(10) {
		m.Observe(&weekly, Event{Time: epoch + i*7*day, Qualifying: true})
	}
	for i := range int64(300) {
		m.Observe(&busy, Event{Time: epoch + i*day, Qualifying: true})
	}
	m.Observe(&once, Event{Time: epoch, Qualifying: true})

	for _, code := range []string{CodeRhythm, CodeRecency, CodeContact} {
		if soon, late := part(weekly, weekly.Last()+day, code), part(weekly, weekly.Last()+60*day, code); late <= 0 || soon >= 0 && code != CodeRhythm || soon >= late {
			t.Errorf("%s of a weekly customer is %v after a day and %v after 60 days", code, soon, late)
		}
	}
	if a, b := part(once, once.Last()+day, CodeHistory), part(busy, busy.Last()+day, CodeHistory); a <= b {
		t.Errorf("history of a customer seen once is %v, of a busy one %v", a, b)
	}
	if a, b := part(once, once.Last()+day, CodeTrend), part(busy, busy.Last()+day, CodeTrend); a <= 0 || b >= 0 {
		t.Errorf("trend of a customer seen once is %v, of a busy one %v, want it above and below 0", a, b)
	}
	before := part(weekly, weekly.Last()+40*day, CodeContact)
	m.Observe(&weekly, Event{Time: weekly.Last() + 39*day})
	if after := part(weekly, weekly.Last()+40*day, CodeContact); after >= before {
		t.Errorf("contact is %v after an event of another kind, was %v", after, before)
	}
}

// After two months without them, the rhythm says more of the daily customer
// than of the weekly one, and more of that one than of the monthly one.
func TestRhythmOfQuickCustomersSaysMore(t *testing.T) {
	for name, config := range map[string]Config{"tests' own prior": testConfig(), "shipped prior": Defaults()} {
		m := newModel(t, config)
		least := math.Inf(-1)
		for _, every := range []int64{30, 7, 1} {
			var s State
			for at := int64(0); at <= 210; at += every {
				m.Observe(&s, Event{Time: epoch + at*day, Qualifying: true})
			}
			reasons := m.Reasons(&s, s.Last()+60*day)
			i := slices.IndexFunc(reasons, func(r Reason) bool { return r.Code == CodeRhythm })
			if i < 0 || reasons[i].LogOdds <= least {
				t.Fatalf("%s: every %d days: %+v, want a rhythm above %v", name, every, reasons, least)
			}
			least = reasons[i].LogOdds
		}
	}
}

// The gap that is stated is the customer's own.
func TestUsualGap(t *testing.T) {
	m := newModel(t, testConfig())
	for _, gap := range []int64{4, 7, 14, 30, 90, 400} {
		for visits := int64(2); visits <= 50; visits += 4 {
			var s State
			for i := range visits {
				m.Observe(&s, Event{Time: 1_000_000_000_000 + i*gap*day, Qualifying: true})
			}
			got := m.Reasons(&s, s.Last())[0].Every
			if got != gap*day {
				t.Errorf("%d visits every %d days: got %v days", visits, gap, float64(got)/float64(day))
			}
		}
	}
}
