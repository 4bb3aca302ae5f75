package backtest

import "ebb/pipeline/backtest/skill"

// laterOf is the later half, without the one in the middle.
func laterOf[T any](times []T) []T { return times[(len(times)+1)/2:] }

func laterHalfOf(m *measured, times []Figures) LaterHalf {
	later := laterOf(times)
	half := LaterHalf{Times: len(later), AUC: meanOf(later).AUC, Baselines: make(map[string]Number)}
	for scorer := recency; scorer < scorers; scorer++ {
		half.Baselines[nameOf(scorer)] = Number(m.aucOver(laterOf(m.others[scorer]), nil))
	}

	return half
}

// coldOf are the figures at the times of the cold phase.
func coldOf(evaluations []evaluation) Cold {
	cold := Cold{
		Times:      len(evaluations),
		Detector:   coldScoresOf(evaluations, detector),
		ClosedForm: coldScoresOf(evaluations, closedForm),
	}
	for _, v := range evaluations {
		for i := range v.rows {
			if v.rows[i].active {
				cold.Rows++
			}
		}
	}

	return cold
}

func coldScoresOf(evaluations []evaluation, scorer int) ColdScores {
	aucs := make([]float64, len(evaluations))
	for i := range evaluations {
		aucs[i] = skill.AUC(ranking(evaluations[i:i+1], scorer, false).Groups(nil, nil))
	}
	all := ranking(evaluations, scorer, false).Groups(nil, nil)

	return ColdScores{AUC: Number(meanDefined(aucs)), Brier: Number(skill.Brier(all))}
}
