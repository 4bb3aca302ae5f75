package skill

// Brier is the mean squared difference of score and outcome, from 0, the best,
// to 1 (Brier 1950, "Verification of forecasts expressed in terms of
// probability", Monthly Weather Review 78).
func Brier(groups []Group) float64 {
	var rows, sum float64
	for _, g := range groups {
		rows += g.Rows
		sum += g.Lost*(1-g.Score)*(1-g.Score) + (g.Rows-g.Lost)*g.Score*g.Score
	}

	return sum / rows
}

// ObservedOverExpected is the number of lost rows over the sum of the scores:
// above 1, more were lost than the scores said.
func ObservedOverExpected(groups []Group) float64 {
	var lost, expected float64
	for _, g := range groups {
		lost += g.Lost
		expected += g.Score * g.Rows
	}

	return lost / expected
}
