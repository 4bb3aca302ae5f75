package pipeline

import (
	"math"
	"slices"

	"ebb/pipeline/churn"
	"ebb/pipeline/wire"
)

// publishSignal words a change of level. The reasons are those of the moment
// of the change.
func (s *Shard) publishSignal(index uint32, state *churn.State, change churn.Change) {
	signal := s.describe(index, state, change)
	signal.Signal = wire.Cleared
	if change.Raised {
		signal.Signal = wire.Raised
		risk, words := s.model.IfBack(*state, change.At)
		signal.RiskIfBack, signal.IfBack = risk.Risk(), words
		s.counts.Raised++
	} else {
		slices.Reverse(signal.Reasons) // what speaks for staying has cleared it
		s.counts.Cleared++
	}
	s.queue(signal)
}

// signalBytes is about how much a signal with its reasons takes in memory.
const signalBytes = 2 << 10

func (s *Shard) queue(signal wire.Signal) {
	s.out.signals = append(s.out.signals, signal)
	s.out.bytes += signalBytes
	s.relieve()
}

// publishAlert words an alert: the customer as they are now.
func (s *Shard) publishAlert(index uint32, state *churn.State) {
	signal := s.describe(index, state, churn.Change{
		From: state.Level(), To: state.Level(), At: s.clock, Score: s.model.Steady(state, s.clock), Episode: state.Episode(),
	})
	signal.Signal = wire.Alert
	risk, words := s.model.IfBack(*state, s.clock)
	signal.RiskIfBack, signal.IfBack = risk.Risk(), words
	s.counts.Alerts++
	s.queue(signal)
}

// describe is what all signals say.
func (s *Shard) describe(index uint32, state *churn.State, change churn.Change) wire.Signal {
	signal := wire.Signal{
		Schema:    wire.Schema,
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
		Era:       s.era,
		Returned:  state.Returned(),
	}
	signal.Holdout = InHoldout(signal.Customer, s.config.Holdout)
	value := s.model.Value(state)
	signal.Value, signal.ValueAtRisk = toCent(value), toCent(signal.Risk*value)
	if value > 0 {
		signal.Currency = state.Currency().String()
	}
	signal.Reasons = wireReasons(s.model.Reasons(state, change.At))

	return signal
}

// toCent rounds an amount to hundredths.
func toCent(amount float64) float64 { return math.Round(100*amount) / 100 }

// wireReasons are a score's reasons as messages have them, in the same order.
func wireReasons(reasons []churn.Reason) []wire.Reason {
	out := make([]wire.Reason, len(reasons))
	for i, reason := range reasons {
		out[i] = wire.Reason{Code: reason.Code, LogOdds: reason.LogOdds, Text: reason.Text, Numbers: reason.Numbers}
	}

	return out
}
