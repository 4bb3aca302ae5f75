package pipeline

import (
	"ebb/pipeline/churn"
	"ebb/pipeline/wire"
)

// publishSignal words a change of level. The reasons are those of the moment
// of the change.
func (s *Shard) publishSignal(index uint32, state *churn.State, change churn.Change) {
	signal := wire.Signal{
		Schema:    wire.Schema,
		Signal:    wire.Cleared,
		Customer:  string(s.customers.id(index)),
		Level:     change.To.String(),
		Previous:  change.From.String(),
		At:        change.At,
		Risk:      change.Score.Risk(),
		HorizonMS: s.model.Horizon(),
		Episode:   change.Episode,
		LastEvent: state.Last(),
		SilentMS:  change.At - state.Last(),
		Partition: s.partition,
		Sequence:  s.sequence,
	}
	signal.Holdout = InHoldout(signal.Customer, s.config.Holdout)
	for _, reason := range s.model.Reasons(state, change.At) {
		signal.Reasons = append(signal.Reasons, wire.Reason{Code: reason.Code, LogOdds: reason.LogOdds, Text: reason.Text})
	}
	if change.Raised {
		signal.Signal = wire.Raised
		risk, words := s.model.IfBack(*state, change.At)
		signal.RiskIfBack, signal.IfBack = risk.Risk(), words
		s.counts.Raised++
	} else {
		s.counts.Cleared++
	}
	s.out.signals = append(s.out.signals, signal)
}
