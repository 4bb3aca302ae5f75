package backtest

import (
	"ebb/pipeline/backtest/bgnbd"
	"ebb/pipeline/backtest/skill"
)

// row is one customer at one evaluation time.
type row struct {
	customer uint32
	active   bool // engaged in the last horizon
	lost     bool // no qualifying event in the next, or the relation is ended as of its end
	scores   [scorers]float64
}

// evaluation is all customers who are known at one time. The baseline that a
// fit is for is missing until the fit is there; see fits.go.
type evaluation struct {
	at   int64
	fit  bgnbd.Fitted
	rows []row
}

// evaluate scores every customer who has engaged, from the state that the
// stream has left, and labels them from what came later.
func evaluate(e *engine, h *habits, t truth, at int64) evaluation {
	horizon := e.model.Horizon()
	v := evaluation{at: at}
	gap := h.meanGap()
	for c := range e.states {
		state := &e.states[c]
		if !state.Known() {
			continue
		}
		who := uint32(c)
		r := row{
			customer: who,
			active:   at-state.Last() <= horizon,
			lost:     t.lost(who, at, at+horizon),
		}
		r.scores[detector] = e.model.Score(state, at).Risk()
		r.scores[closedForm] = e.model.ClosedForm(state, at).Risk()
		h.score(&r.scores, h.known(who, e), at, gap)
		v.rows = append(v.rows, r)
	}

	return v
}

// ranking are the rows by one scorer, of those still active or of all.
func ranking(evaluations []evaluation, scorer int, all bool) skill.Ranking {
	var rows []skill.Row
	for _, v := range evaluations {
		for i := range v.rows {
			if r := &v.rows[i]; all || r.active {
				rows = append(rows, skill.Row{Score: r.scores[scorer], Lost: r.lost, Who: r.customer})
			}
		}
	}

	return skill.Rank(rows)
}
