package churn

import "math"

// Calibration says how well risks were calibrated and how well they ranked.
// Its figures mean something only where TooFew is false.
type Calibration struct {
	Rows   int64
	Lost   int64
	Cases  float64 // independent rows that would tell as much; see Reliability
	TooFew bool    // fewer than 100 cases, or fewer than 10 of either outcome

	MeanRisk float64 // what the risks said
	Observed float64 // share that was lost
	Low      float64 // of Observed, its 95 % interval (Wilson 1927) for Cases
	High     float64
	Brier    float64 // mean squared error, from 0, the best, to 1
	ECE      float64 // mean of |observed − said| over the bins
	AUC      float64 // a bin's rows count as ties, so it is a little too low
}

// Fewer tell too little.
const (
	LeastCases    = 100
	LeastOutcomes = 10
)

// OverExpected is the observed share over the mean risk: above 1, more were
// lost than the risks said.
func (c Calibration) OverExpected() float64 { return c.Observed / c.MeanRisk }

// Calibration of some segments together. Those that are still active may be
// taken together; see Segment.
func (q *Quality) Calibration(segments ...Segment) Calibration {
	var c Calibration
	var risk, squares, gaps, ordered, below, overlap float64
	for bin := range QualityBins {
		var r Reliability
		for _, s := range segments {
			r.add(&q[s][bin])
		}
		c.Rows += r.Rows
		c.Lost += r.Lost
		lost, back := float64(r.Lost), float64(r.Rows-r.Lost)
		expected := float64(r.Risk) / float64(Certain)
		risk += expected
		squares += float64(r.SquaredError) / square(float64(Certain))
		gaps += math.Abs(lost - expected)
		ordered += lost * (below + back/2)
		below += back
		overlap += float64(r.Overlap)
	}
	n, lost := float64(c.Rows), float64(c.Lost)
	if n == 0 {
		return Calibration{TooFew: true}
	}
	c.Cases = n * n / (n + 2*overlap/SlotsPerHorizon)
	c.TooFew = c.Cases < LeastCases || min(lost, n-lost)*c.Cases/n < LeastOutcomes
	c.MeanRisk, c.Observed = risk/n, lost/n
	c.Low, c.High = wilson(c.Observed, c.Cases)
	c.Brier, c.ECE = squares/n, gaps/n
	c.AUC = ordered / (lost * (n - lost))

	return c
}

// wilson is the 95 % interval of a share of n cases (Wilson 1927, "Probable
// inference, the law of succession, and statistical inference", JASA 22).
func wilson(share, n float64) (low, high float64) {
	const z = 1.959963984540054
	half := z * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	centre, scale := share+z*z/(2*n), 1+z*z/n

	return max(0, (centre-half)/scale), min(1, (centre+half)/scale)
}
