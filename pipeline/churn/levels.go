package churn

import "math"

// Never is the crossing of a customer whose level won't change.
const Never = int64(math.MaxInt64)

// Change is one step of a customer's level.
type Change struct {
	From, To Level
	At       int64  // when it was evaluated
	Score    Score  // the steady one, then
	Episode  uint32 // counts the customer's changes, from 1
	Raised   bool   // to a worse level; else cleared
}

// Evaluate changes the customer's level once and says how. Call it again until
// it reports false: several steps may be due at once. Customers who never
// engaged are healthy.
//
// Raised at once to lapsed: who has ended the relation (Event.Ends).
//
// Else raised, one level at a time:
//   - cooling and at_risk when the score has reached the level's threshold, that
//     of all or the customer's own (Rule), and the customer has been silent for
//     the dwell and for H/16, a seasonal one until their season has passed;
//   - lapsed, from at_risk, when the risk has come true: no qualifying event in
//     the whole horizon since at_risk was raised. It is an outcome, whatever
//     the score says.
//
// Cleared, one level at a time, not before the raised level has stood for the
// dwell:
//   - cooling and at_risk when the score is below the threshold, if the
//     customer has engaged since, else below the threshold less the margin;
//   - lapsed when the customer is back: a qualifying event in the last horizon,
//     and after the end of the relation if there was one.
func (m *Model) Evaluate(s *State, now int64) (Change, bool) {
	switch {
	case s.Left() && s.level != Lapsed:
		return m.step(s, now, Lapsed), true
	case m.raises(s, now):
		return m.step(s, now, s.level+1), true
	case m.clears(s, now):
		return m.step(s, now, s.level-1), true
	}

	return Change{}, false
}

func (m *Model) step(s *State, now int64, to Level) Change {
	raised := to > s.level
	if raised {
		s.since = s.since.at(now)
	}
	s.episode++
	change := Change{From: s.level, To: to, At: now, Score: m.Steady(s, now), Episode: s.episode, Raised: raised}
	s.level = to
	switch {
	case to == Healthy:
		s.alerted = 0
	case to == AtRisk && !raised:
		m.cameBack(s)
	}

	return change
}

// Clear makes a customer healthy at once who is not, whatever the score: somebody of whom
// nothing is to be said any more.
func (m *Model) Clear(s *State, now int64) Change { return m.step(s, now, Healthy) }

// RaisesSilent says whether Evaluate would raise the level because nothing came,
// and not because the customer has ended the relation. Owners ask it who know
// that nothing could come.
func (m *Model) RaisesSilent(s *State, now int64) bool { return !s.Left() && m.raises(s, now) }

// raises: once true, it stays so in silence.
func (m *Model) raises(s *State, now int64) bool {
	if !s.Known() || s.level == Lapsed || now < m.raisableFrom(s) {
		return false
	}

	if s.level == AtRisk {
		return true
	}
	look := m.look(s)

	return look.score(now) >= look.raiseAt(s.level+1)
}

// raisableFrom is the earliest time at which a customer who is known may be
// raised, whatever the score.
func (m *Model) raisableFrom(s *State) int64 {
	if s.level == AtRisk {
		return max(s.Since(), s.last) + m.config.Horizon
	}

	return m.raisableAfter(s)
}

// clears: in silence it may turn true only where the dwell ends.
func (m *Model) clears(s *State, now int64) bool {
	if s.level == Healthy || now < m.clearableFrom(s) {
		return false
	}
	if s.level == Lapsed {
		return !s.Left() && now < s.last+m.config.Horizon
	}

	// A new silence begins with an engagement, and is told of anew.
	if s.Left() {
		return false
	}
	look := m.look(s)
	limit := look.clearAt(s.level)
	if s.last > s.Since() {
		limit = look.raiseAt(s.level)
	}

	return look.score(now) < limit
}

func (m *Model) clearableFrom(s *State) int64 { return s.Since() + m.config.Dwell }
