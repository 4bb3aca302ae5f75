package skill

// TopLift is how many times as many were lost among the share of the rows with
// the highest scores (above 0, at most 1) as among all. Where the share ends
// inside of a group, the group counts in proportion.
func TopLift(groups []Group, share float64) float64 {
	return captured(groups, share) / share
}

// Gains is the share of all lost rows that is found among the first 1/n, 2/n
// up to all of the rows, by falling score.
func Gains(groups []Group, n int) []float64 {
	gains := make([]float64, n)
	for i := range gains {
		gains[i] = captured(groups, float64(i+1)/float64(n))
	}

	return gains
}

// captured is the share of the lost rows among the share of the rows with the
// highest scores.
func captured(groups []Group, share float64) float64 {
	rows, lost := Total(groups)
	room := share * rows
	var found float64
	for _, g := range groups {
		taken := min(room, g.Rows)
		if taken <= 0 {
			break
		}
		found += g.Lost * taken / g.Rows
		room -= taken
	}

	return found / lost
}
