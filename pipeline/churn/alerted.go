package churn

// The mark of the last alert is the learning step in which it was given, plus
// one, in 16 bits; 0 is none. Times up to 4,096 horizons before or after it can
// be told apart.
const (
	alertSteps = 1<<16 - 1
	alertReach = alertSteps / 2
)

// Alertable says whether someone may be told of the customer now: they are at
// risk, and this is the first time since they were last healthy. Who never gets
// healthy in between may be told of again when at_risk is raised anew, more than
// a horizon after the last time. So no two alerts have the same episode. Who is
// at risk because they came back from lapsed has just been heard: nobody is told
// of them before at_risk is raised anew.
func (m *Model) Alertable(s *State) bool {
	if s.level != AtRisk {
		return false
	}
	if s.alerted == 0 {
		return true
	}
	steps := (int64(alertMark(m.Step(s.Since()))) - int64(s.alerted) + alertSteps) % alertSteps

	return steps > SlotsPerHorizon && steps <= alertReach
}

// Alerted keeps that someone was told of the customer.
func (m *Model) Alerted(s *State, now int64) {
	s.alerted = alertMark(m.Step(now))
}

// cameBack keeps a customer who was cleared from lapsed to at_risk from being
// alertable. since is still that of lapsed, which would be a reason. The mark
// goes to the latest step that isn't one, so that any raise of a later step is.
func (m *Model) cameBack(s *State) {
	if m.Alertable(s) {
		s.alerted = alertMark(m.Step(s.Since()) - SlotsPerHorizon)
	}
}

func alertMark(step int64) uint16 { return uint16((step+alertSteps)%alertSteps + 1) }
