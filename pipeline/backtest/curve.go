package backtest

import (
	"cmp"
	"math"
	"slices"

	"ebb/pipeline/churn"
)

// CurvePoint is what signals would be worth at one threshold, beside rules that
// tell of as many customers. Figures are those of Signals.
type CurvePoint struct {
	AtRiskAt float64 `json:"at_risk_at"`

	// Chosen is the point of the very signals of the report. Where the threshold
	// follows the stream, AtRiskAt is where it stood at the end.
	Chosen bool `json:"chosen"`

	Raised         int    `json:"raised"`
	Precision      Number `json:"precision"`
	RecallInTime   Number `json:"recall_in_time"`
	ShareSignalled Number `json:"share_signalled"`
	DaysAfter      Number `json:"days_after_last_engagement_median"`
	LeadTimeMedian Number `json:"lead_time_days_median"`

	SilentFor SilentFor `json:"silent_for"` // as many signals by silence alone
	Random    Random    `json:"random"`     // as many signals by chance
}

// Random is a rule that tells of customers by chance: of every active one at the
// same rate, at times that nobody chose.
type Random struct {
	Precision    Number `json:"precision"`
	RecallInTime Number `json:"recall_in_time"`
}

// curveSteps are how many thresholds a curve has, evenly from 0 to 1.
const curveSteps = 9

func curveThresholds() []float64 {
	list := make([]float64, curveSteps)
	for i := range list {
		list[i] = float64(i+1) / (curveSteps + 1)
	}

	return list
}

// curve judges the signals at all thresholds, with the chosen ones among them.
func (s *stream) curve(chosen *Signals, of told) []CurvePoint {
	points := []CurvePoint{of.point(chosen)}
	points[0].Chosen = true
	for rung, at := range curveThresholds() {
		changes := s.engine.ladder.changes[rung]
		t := told{judge: of.withChanges(changes), active: of.active}
		signals := Signals{Threshold: at}
		t.raised(&signals)
		t.signals(&signals)
		t.losses(&signals)
		points = append(points, t.point(&signals))
	}
	slices.SortStableFunc(points, func(a, b CurvePoint) int { return cmp.Compare(a.AtRiskAt, b.AtRiskAt) })

	return points
}

func (t told) point(s *Signals) CurvePoint {
	return CurvePoint{
		AtRiskAt: s.Threshold, Raised: s.Raised, Precision: s.Precision, RecallInTime: s.RecallInTime,
		ShareSignalled: s.ShareSignalled, DaysAfter: s.DaysAfter, LeadTimeMedian: s.LeadTimeMedian,
		SilentFor: t.silentFor(s.Raised), Random: t.random(float64(s.ShareSignalled)),
	}
}

// withChanges is the judge of other signals.
func (j *judge) withChanges(changes []Change) *judge {
	other := *j
	other.changes, other.all = make([][]churn.Change, len(j.changes)), changes
	for _, change := range changes {
		other.changes[change.Customer] = append(other.changes[change.Customer], change.Change)
	}

	return &other
}

// random tells of so many for an active customer in a horizon. Telling comes at
// one rate, so it is right in the part of the active time after which a horizon is
// silent; and a loss has been told of in time with what a Poisson process of that
// rate has in 0.6 of a horizon.
func (t told) random(share float64) Random {
	var right int64 // ms
	for c := range t.changes {
		t.silences(uint32(c), func(began, lasted int64) {
			if lasted > t.horizon {
				right += max(0, min(began+min(t.horizon, lasted-t.horizon), t.until)-max(began, t.from))
			}
		})
	}

	return Random{
		Precision:    Number(float64(right) / float64(t.until-t.from) / t.active),
		RecallInTime: Number(-math.Expm1(-inTime * share)),
	}
}
