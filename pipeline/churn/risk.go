package churn

// Score is the probability of being Lost: of no qualifying event in
// [now, now + H), or of having ended the relation as of its end. It is 0 for a
// customer who never engaged and Certain for one who has left. A now before the
// latest event counts as its time. With a horizon below a week it has the time
// of the week in it: three days that begin on a Friday evening are not those
// from a Monday on.
//
// It is logistic in the terms of features.go, with weights that are learned
// from the outcomes of earlier scores; see learner.go.
func (m *Model) Score(s *State, now int64) Score {
	if score, ok := s.foregone(); ok {
		return score
	}
	look := m.look(s)

	return quantize(sigmoid(look.full(now)))
}

// Steady is the Score at an average time of the week. Levels follow it and not
// the Score, so that no level is raised every Friday and cleared every Monday.
// In silence it only grows. From a horizon of a week on, both are the same.
func (m *Model) Steady(s *State, now int64) Score {
	if score, ok := s.foregone(); ok {
		return score
	}
	look := m.look(s)

	return look.score(now)
}

// ClosedForm is the probability of no qualifying event in [now, now + H) by the
// customer's own rate alone, without anything that labels teach; see rates.go.
func (m *Model) ClosedForm(s *State, now int64) Score {
	if score, ok := s.foregone(); ok {
		return score
	}
	repeats, exposure := m.faded(s, max(0, float64(now-s.last)*m.perUnit))

	return quantize(sigmoid(m.parameters.Rates.none(repeats, exposure)))
}

// score is the Steady one.
func (l *silent) score(now int64) Score { return quantize(sigmoid(l.steady(now))) }

// foregone is the score where no history is asked.
func (s *State) foregone() (Score, bool) {
	switch {
	case !s.Known():
		return 0, true
	case s.Left():
		return Certain, true
	}

	return 0, false
}
