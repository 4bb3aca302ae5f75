package shard

import (
	"math"

	"ebb/pipeline/churn"
	"ebb/pipeline/meaning"
	"ebb/pipeline/wire"
)

// signals words what is said of customers, and queues it for the next cut.
type signals struct {
	at        *place
	customers *people
	counts    *Counts
	cutter    *cutter
	holdout   float64 // share of customers; see meaning.InHoldout
}

// publishChange words a change of level. The reasons are those of the moment
// of the change.
func (s *signals) publishChange(m *churn.Model, index uint32, state *churn.State, change churn.Change) {
	signal := s.describe(m, index, state, change, change.Raised)
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

func (s *signals) queue(signal wire.Signal) {
	signal.Complete()
	out := s.cutter.out
	out.signals = append(out.signals, signal)
	out.bytes += signalBytes
	s.cutter.relieve()
}

// publishJoin clears what stands about an anonymous customer who is somebody known: they
// are not back, but they did not leave either.
func (s *signals) publishJoin(m *churn.Model, index uint32, state *churn.State, as string) {
	signal := s.describe(m, index, state, m.Clear(state, s.at.clock), false)
	signal.Signal, signal.Joined = wire.Cleared, as
	headline, reason := m.JoinedWords()
	signal.Headline, signal.Reasons = headline, wireReasons([]churn.Reason{reason})
	s.counts.Cleared++
	s.queue(signal)
}

// publishAlert words an alert: the customer as they are now.
func (s *signals) publishAlert(m *churn.Model, index uint32, state *churn.State) {
	signal := s.describe(m, index, state, churn.Change{
		From: state.Level(), To: state.Level(), At: s.at.clock, Score: m.Steady(state, s.at.clock), Episode: state.Episode(),
	}, true)
	signal.Signal = wire.Alert
	s.counts.Alerts++
	s.queue(signal)
}

// describe is what all signals say. leaving is false where a level is cleared.
func (s *signals) describe(m *churn.Model, index uint32, state *churn.State, change churn.Change, leaving bool) wire.Signal {
	signal := wire.Signal{
		Schema:    wire.Schema,
		Customer:  string(s.customers.ID(index)),
		Level:     change.To.String(),
		Previous:  change.From.String(),
		At:        change.At,
		Risk:      change.Score.Risk(),
		HorizonMS: m.Horizon(),
		Episode:   change.Episode,
		LastEvent: state.Last(),
		SilentMS:  change.At - state.Last(),
		UsualMS:   m.UsualPause(state),
		Partition: s.at.partition,
		Sequence:  s.at.sequence,
		Row:       s.at.row,
		Era:       s.at.era,
		Returned:  state.Returned(),
	}
	signal.Holdout = meaning.InHoldout(signal.Customer, s.holdout)
	value := m.Value(state)
	signal.Value, signal.ValueAtRisk = toCent(value), toCent(signal.Risk*value)
	if value > 0 {
		signal.Currency = state.Currency().String()
	}
	signal.Headline = m.Headline(state, change.To, leaving, change.Score)
	if !leaving {
		signal.Reasons = wireReasons(m.Recovery(state, change.At))

		return signal
	}
	if change.To == churn.AtRisk {
		signal.Rule, signal.RiskUsual = wireRule(m, state, change.Score)
	}
	reasons := m.Reasons(state, change.At)
	risk, words := m.IfBack(*state, change.At, reasons)
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
