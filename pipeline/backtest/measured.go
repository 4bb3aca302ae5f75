package backtest

import "ebb/pipeline/backtest/skill"

// measured are rankings of the rows, sorted once for all resamples.
type measured struct {
	byDetector []skill.Ranking // by time
	pooled     skill.Ranking
	others     [scorers][]skill.Ranking // baselines by time
	buffer     []skill.Group
}

func newMeasured(evaluations []evaluation) *measured {
	m := &measured{pooled: ranking(evaluations, detector, false)}
	for i := range evaluations {
		one := evaluations[i : i+1]
		m.byDetector = append(m.byDetector, ranking(one, detector, false))
		for scorer := recency; scorer < scorers; scorer++ {
			m.others[scorer] = append(m.others[scorer], ranking(one, scorer, false))
		}
	}

	return m
}

func (m *measured) groups(r skill.Ranking, weights []uint32) []skill.Group {
	m.buffer = r.Groups(m.buffer[:0], weights)

	return m.buffer
}

// byTime are the detector's figures at each time, and pooled over all.
func (m *measured) byTime(weights []uint32) (times []Figures, pooled Figures) {
	for _, r := range m.byDetector {
		times = append(times, figuresOf(m.groups(r, weights)))
	}

	return times, figuresOf(m.groups(m.pooled, weights))
}

// aucOf is a baseline's mean AUC over the times.
func (m *measured) aucOf(scorer int, weights []uint32) float64 {
	return m.aucOver(m.others[scorer], weights)
}

func (m *measured) aucOver(times []skill.Ranking, weights []uint32) float64 {
	var values []float64
	for _, r := range times {
		values = append(values, skill.AUC(m.groups(r, weights)))
	}

	return meanDefined(values)
}
