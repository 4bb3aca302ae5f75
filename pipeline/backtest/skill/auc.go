package skill

// AUC is the area under the receiver operating characteristic: the probability
// that one who was lost has a higher score than one who was not, where a tie
// counts one half (Mann and Whitney 1947; Hanley and McNeil 1982, "The meaning
// and use of the area under a ROC curve", Radiology 143).
func AUC(groups []Group) float64 {
	var above, ordered float64 // lost rows above; pairs in the right order
	for _, g := range groups {
		ordered += (g.Rows - g.Lost) * (above + g.Lost/2)
		above += g.Lost
	}
	rows, lost := Total(groups)

	return ordered / (lost * (rows - lost))
}
