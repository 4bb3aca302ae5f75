package pipeline

import (
	"slices"

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
	signal.Reasons = s.reasons(state, change.At)
	if change.Raised {
		signal.Signal = wire.Raised
		risk, words := s.model.IfBack(*state, change.At)
		signal.RiskIfBack, signal.IfBack = risk.Risk(), words
		s.counts.Raised++
	} else {
		slices.Reverse(signal.Reasons) // what speaks for staying has cleared it
		s.counts.Cleared++
	}
	s.out.signals = append(s.out.signals, signal)
}

// reasons are those of a customer's score, what speaks most for leaving first.
func (s *Shard) reasons(state *churn.State, now int64) []wire.Reason {
	found := s.model.Reasons(state, now)
	reasons := make([]wire.Reason, len(found))
	for i, reason := range found {
		reasons[i] = wire.Reason{Code: reason.Code, LogOdds: reason.LogOdds, Text: reason.Text, Numbers: reason.Numbers}
	}

	return reasons
}
