package shard

import (
	"math"

	"ebb/pipeline/churn"
	"ebb/pipeline/meaning"
	"ebb/pipeline/wire"
)

// publishSignal words a change of level. The reasons are those of the moment
// of the change.
func (s *Shard) publishSignal(index uint32, state *churn.State, change churn.Change) {
	signal := s.describe(index, state, change, change.Raised)
	signal.Signal = wire.Cleared
	if change.Raised {
		signal.Signal = wire.Raised
		s.counts.Raised++
	} else {
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
	}, true)
	signal.Signal = wire.Alert
	s.counts.Alerts++
	s.queue(signal)
}

// describe is what all signals say. leaving is false where a level is cleared.
func (s *Shard) describe(index uint32, state *churn.State, change churn.Change, leaving bool) wire.Signal {
	signal := wire.Signal{
		Schema:    wire.Schema,
		Customer:  string(s.customers.ID(index)),
		Level:     change.To.String(),
		Previous:  change.From.String(),
		At:        change.At,
		Risk:      change.Score.Risk(),
		HorizonMS: s.model.Horizon(),
		Episode:   change.Episode,
		LastEvent: state.Last(),
		SilentMS:  change.At - state.Last(),
		UsualMS:   s.model.UsualPause(state),
		Partition: s.partition,
		Sequence:  s.sequence,
		Row:       s.row,
		Era:       s.era,
		Returned:  state.Returned(),
	}
	signal.Holdout = meaning.InHoldout(signal.Customer, s.config.Holdout)
	value := s.model.Value(state)
	signal.Value, signal.ValueAtRisk = toCent(value), toCent(signal.Risk*value)
	if value > 0 {
		signal.Currency = state.Currency().String()
	}
	signal.Headline = s.model.Headline(state, change.To, leaving, change.Score)
	if !leaving {
		signal.Reasons = wireReasons(s.model.Recovery(state, change.At))

		return signal
	}
	if change.To == churn.AtRisk {
		signal.Rule, signal.RiskUsual = wireRule(s.model, state, change.Score)
	}
	reasons := s.model.Reasons(state, change.At)
	risk, words := s.model.IfBack(*state, change.At, reasons)
	signal.Reasons, signal.RiskIfBack, signal.IfBack = wireReasons(reasons), risk.Risk(), words

	return signal
}

// wireRule is the rule of a signal of somebody at risk, if it is not the threshold
// of all, and the risk from which it takes what is usual.
func wireRule(m *churn.Model, state *churn.State, score churn.Score) (rule string, usual float64) {
	switch by := m.RuleOf(state, score); by {
	case churn.Unusual:
		return by.String(), m.Steady(state, state.Last()).Risk()
	case churn.Worth:
		return by.String(), 0
	default:
		return "", 0
	}
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
