package pipeline

import (
	"fmt"

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
		signal.RiskIfBack = riskIfBack(s.model, *state, change.At)
		signal.IfBack = ifBack(s.config.Churn.Language, signal.RiskIfBack)
		s.counts.Raised++
	} else {
		s.counts.Cleared++
	}
	s.out.signals = append(s.out.signals, signal)
}

// riskIfBack is the risk right after one engagement at a time, by which levels
// are cleared.
func riskIfBack(model *churn.Model, state churn.State, at int64) float64 {
	model.Observe(&state, at, true)

	return model.Steady(&state, at).Risk()
}

// ifBack words it in a language of churn.Config.
func ifBack(language string, risk float64) string {
	percent := 100 * risk
	switch language {
	case "pt":
		return fmt.Sprintf("um engajamento agora levaria o risco a %.0f %%", percent)
	case "it":
		return fmt.Sprintf("un'interazione ora porterebbe il rischio al %.0f %%", percent)
	default:
		return fmt.Sprintf("one engagement now would bring the risk to %.0f %%", percent)
	}
}
