package churn

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Codes of the groups of terms that make a risk.
const (
	CodeRhythm  = "rhythm"  // silence against the customer's own rate
	CodeRecency = "recency" // how long the silence is at all
	CodeTrend   = "trend"   // visits of late against those before
	CodeHistory = "history" // how often and how long the customer has come
	CodeContact = "contact" // time since an event of any kind

	CodeNegatives  = "negatives"  // complaints, failed payments and the like
	CodeExperience = "experience" // what the customer's ratings say
	CodePressure   = "pressure"   // messages of the company against the customer's visits

	CodeWeek = "week" // what the coming days of the week bring
	CodeLeft = "left" // has ended the relation; then it is the only reason
)

// mostLogOdds are about those of the highest risk below Certain.
const mostLogOdds = 9.21

// groups say which terms are explained together. Terms of a group tell of the
// same thing, so their single weights have mixed signs and no meaning alone.
var groups = [...]struct {
	code  string
	terms []int
}{
	{CodeRhythm, []int{termRhythm, termHabit, termLife}},
	{CodeRecency, []int{termRecency, termSilence, termLapsed}},
	{CodeTrend, []int{termLately, termRecent, termOverall}},
	{CodeHistory, []int{termSlots, termTenure}},
	{CodeContact, []int{termContact}},
	{CodeNegatives, []int{termNegatives}},
	{CodeExperience, []int{termExperience}},
	{CodePressure, []int{termPressure}},
	{CodeWeek, []int{termWeek}},
}

// Reason is one group's part in a risk, in log-odds and in words, with the
// numbers that the words state. All can be counted again from the events.
type Reason struct {
	Code    string
	LogOdds float64 // in steps of 0.0001; positive: towards leaving
	Text    string
	Numbers map[string]int64 // those below that the text states, by the names of quantities

	Silent  int64 // ms since the latest qualifying event
	Contact int64 // ms since the latest event of any kind
	Every   int64 // ms, the mean gap of the active slots; 0 after a single one. Shorter gaps, inside of slots, don't count
	Known   int64 // ms since the first qualifying event
	Visits  int   // active slots ever
	Recent  int   // active slots of the eight up to that of the latest qualifying event
	Before  int   // of the eight before these
	Slot    int64 // ms, the length of a slot
	Once    bool  // from the first to the latest qualifying event it is no more than the pause between visits

	Negatives int // negative events ever
	Rating    int // the newest rating, from -100, bad, to 100; 0 without one
	Messages  int // of the company since the latest qualifying event
}

// Reasons says why the score is what it is: one reason for each group that has
// a part, the one that speaks most for leaving first. It is empty for a
// customer who never engaged.
//
// The parts are the terms times their weights, against a customer who is
// average in every term. So they add up to the log-odds of the risk less those
// of the average customer, which Base gives.
func (m *Model) Reasons(s *State, now int64) []Reason {
	if !s.Known() {
		return nil
	}
	base := m.facts(s, now)
	if s.Left() {
		base.Code, base.LogOdds = CodeLeft, mostLogOdds
		base.Text = m.language.phrase(&base) // without numbers

		return []Reason{base}
	}
	look := m.look(s)
	look.full(now)
	numbers := m.language.numbers(&base) // the same in all reasons
	reasons := make([]Reason, 0, len(groups))
	for _, group := range groups {
		part := 0.0
		for _, term := range group.terms {
			part += m.weights[term] * look.vector[term]
		}
		reason := base
		reason.Code, reason.LogOdds = group.code, math.Round(part*1e4)/1e4
		if reason.LogOdds == 0 {
			continue
		}
		phrase := m.language.phrase(&reason)
		reason.Text, reason.Numbers = numbers.Replace(phrase), reason.stated(phrase)
		reasons = append(reasons, reason)
	}
	slices.SortStableFunc(reasons, func(a, b Reason) int { return cmp.Compare(b.LogOdds, a.LogOdds) })

	return reasons
}

// IfBack is the steady score right after one engagement now, by which levels are
// cleared, and the same in words.
func (m *Model) IfBack(s State, now int64) (Score, string) { // s is a copy
	s.ended = 0 // even one ahead of now
	m.Observe(&s, Event{Time: now, Qualifying: true})
	score := m.Steady(&s, now)

	return score, fmt.Sprintf(m.language.phrases[phraseIfBack], 100*score.Risk())
}

// Base are the log-odds of the risk of a customer who is average in every
// term.
func (m *Model) Base() float64 { return m.weights[termBias] }

// facts are the numbers of all reasons.
func (m *Model) facts(s *State, now int64) Reason {
	r := Reason{
		Silent:  max(0, now-s.last),
		Contact: max(0, now-s.any),
		Known:   max(0, now-s.first),
		Visits:  s.Slots(),
		Slot:    m.slot,
		Once:    float64(s.last-s.first) <= visitPause*float64(m.config.Horizon),

		Negatives: int(s.against),
		Rating:    int(s.rating),
		Messages:  int(s.unanswered),
	}
	if s.slots > 1 {
		r.Every = (s.last - s.first) / int64(s.slots-1)
	}
	r.Recent, r.Before = recentActive(s)

	return r
}

// recentActive counts the active slots among the eight up to that of the
// latest qualifying event, and among the eight before. Like the terms of the
// trend, they rest in silence.
func recentActive(s *State) (recent, before int) {
	const eight = 1<<SlotsPerHorizon - 1

	return bits.OnesCount64(s.recent & eight), bits.OnesCount64(s.recent >> SlotsPerHorizon & eight)
}
