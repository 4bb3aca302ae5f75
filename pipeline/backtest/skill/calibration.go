package skill

import "math"

// Bin is an equal share of the rows, of neighbouring scores.
type Bin struct {
	Rows     float64
	Score    float64 // mean
	Observed float64 // share that was lost
}

// Bins cuts the rows into n bins of equal count, highest scores first. A group
// that lies across an edge is cut in proportion, so that bins don't depend on
// the order of rows. There are none without rows.
func Bins(groups []Group, n int) []Bin {
	total, _ := Total(groups)
	if total == 0 {
		return nil
	}
	size := total / float64(n)
	bins := make([]Bin, n)
	at := 0
	for _, g := range groups {
		for left := g.Rows; left > 0; {
			b := &bins[at]
			taken := min(left, size-b.Rows)
			if at == n-1 {
				taken = left // what rounding has left over
			}
			b.Rows += taken
			b.Score += taken * g.Score
			b.Observed += taken * g.Lost / g.Rows
			left -= taken
			if b.Rows >= size && at < n-1 {
				at++
			}
		}
	}
	for i := range bins {
		rows := max(bins[i].Rows, math.SmallestNonzeroFloat64) // rounding may leave the last one empty
		bins[i].Score /= rows
		bins[i].Observed /= rows
	}

	return bins
}

// CalibrationError is the expected calibration error with n bins of equal
// count: the mean of |observed − score| over the bins (Naeini, Cooper and
// Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian
// binning", AAAI; their bins are of equal width). With few rows it is above 0
// also for perfect scores.
func CalibrationError(groups []Group, n int) float64 {
	bins := Bins(groups, n)
	if bins == nil {
		return math.NaN()
	}
	var sum, rows float64
	for _, b := range bins {
		sum += b.Rows * math.Abs(b.Observed-b.Score)
		rows += b.Rows
	}

	return sum / rows
}
