package status

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"ebb/cmd/ebb/term"
	"ebb/pipeline/churn"
	"ebb/pipeline/wire"
)

// signalStatus says from which risks on customers are told of, and whether that
// holds.
type signalStatus struct {
	CoolingAt float64   `json:"cooling_at"`
	AtRiskAt  float64   `json:"at_risk_at"`
	Since     time.Time `json:"since"`  // when both were the same, to the percent, for the first time
	Before    bool      `json:"before"` // or before: older rows are not kept

	// Of the active customers with a risk of From or more, From being the step of
	// a tenth that AtRiskAt is in: what their risks promised, and what came. null
	// where cases are too few.
	From     float64  `json:"from"`
	Cases    float64  `json:"cases"`
	Promised *float64 `json:"promised"`
	Came     *float64 `json:"came"`
	Low      *float64 `json:"low"` // of Came, 95 %
	High     *float64 `json:"high"`
}

// signalStatusOf reads it from rows of table quality; nil without thresholds.
func signalStatusOf(rows []wire.QualityRow) *signalStatus {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r wire.QualityRow) bool { return r.AtRiskAt == 0 })
	if len(rows) == 0 {
		return nil
	}
	slices.SortStableFunc(rows, func(a, b wire.QualityRow) int { return cmp.Compare(b.Time, a.Time) })
	newest := &rows[0]
	s := &signalStatus{CoolingAt: newest.CoolingAt, AtRiskAt: newest.AtRiskAt, Since: time.UnixMilli(newest.Time).UTC(), Before: true}
	percent := func(v float64) float64 { return math.Round(100 * v) }
	for i := range rows {
		if percent(rows[i].AtRiskAt) != percent(s.AtRiskAt) || percent(rows[i].CoolingAt) != percent(s.CoolingAt) {
			s.Before = false

			break
		}
		s.Since = time.UnixMilli(rows[i].Time).UTC()
	}

	least := int(s.AtRiskAt * churn.QualityBins)
	s.From = float64(least) / churn.QualityBins
	sum := qualitySum(rows, least)
	c := sum.Calibration(churn.OneTime, churn.Newcomer, churn.Regular)
	s.Cases = math.Floor(c.Cases)
	if c.Cases >= churn.LeastCases {
		s.Promised, s.Came, s.Low, s.High = &c.MeanRisk, &c.Observed, &c.Low, &c.High
	}

	return s
}

// print says it in two sentences; a nil one nothing.
func (s *signalStatus) print(to io.Writer) {
	if s == nil {
		return
	}
	since := "since " + term.TimeText(s.Since)
	if s.Before {
		since += " or before"
	}
	fmt.Fprintf(to, "\nSignals: at risk from %.0f%% on, cooling from %.0f%%, %s\n", 100*s.AtRiskAt, 100*s.CoolingAt, since)
	if s.Promised == nil {
		fmt.Fprintf(to, "Risks of %.0f%% or more: too few outcomes yet (%.0f of %d)\n", 100*s.From, s.Cases, churn.LeastCases)

		return
	}
	fmt.Fprintf(to, "Risks of %.0f%% or more: promised %.1f%%, came %.1f%% (%.1f%% to %.1f%%)\n",
		100*s.From, 100**s.Promised, 100**s.Came, 100**s.Low, 100**s.High)
}
