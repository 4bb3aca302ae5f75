package skill

// AveragePrecision is the area under the precision-recall curve as a sum of
// steps, one for each distinct score: the mean, over the rows that were lost,
// of the precision among all rows with their score or a higher one (Davis and
// Goadrich 2006, "The relationship between precision-recall and ROC curves",
// on why steps and not lines).
func AveragePrecision(groups []Group) float64 {
	var rows, lost, sum float64
	for _, g := range groups {
		rows += g.Rows
		lost += g.Lost
		sum += g.Lost * lost / rows
	}

	return sum / lost
}
