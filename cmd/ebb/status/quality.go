package status

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/cmd/ebb/term"
	"ebb/pipeline/churn"
	"ebb/pipeline/jetstream"
	"ebb/pipeline/wire"
)

// qualityStatus says how risks compare with what came of them, over two
// horizons, or what the stream of rollups still holds of them.
type qualityStatus struct {
	From     time.Time       `json:"from"` // when the first of these outcomes were known
	To       time.Time       `json:"to"`   // when the last were
	Horizon  float64         `json:"horizon_days"`
	Segments []segmentStatus `json:"segments"`
}

// segmentStatus is the calibration of a segment. Figures of too few cases are
// null.
type segmentStatus struct {
	Segment  string   `json:"segment"`
	Rows     int64    `json:"rows"`
	Lost     int64    `json:"lost"`
	Cases    float64  `json:"cases"` // independent rows that would tell as much
	TooFew   bool     `json:"too_few"`
	MeanRisk *float64 `json:"mean_risk"`
	Observed *float64 `json:"observed"`
	Low      *float64 `json:"low"` // of observed, 95 %
	High     *float64 `json:"high"`
	Over     *float64 `json:"observed_over_expected"`
	Brier    *float64 `json:"brier"`
	ECE      *float64 `json:"ece"`
	AUC      *float64 `json:"auc"`
}

// readQuality asks the stream of rollups; nil before the first outcomes, and
// before the first thresholds.
func readQuality(ctx context.Context, js natsjs.JetStream, layout jetstream.Layout) (*qualityStatus, *signalStatus, error) {
	rows, err := jetstream.RecentQuality(ctx, js, layout)
	if err != nil {
		return nil, nil, err
	}

	return qualityOf(rows), signalStatusOf(rows), nil
}

// qualitySum adds the rows up, from one bin on.
func qualitySum(rows []wire.QualityRow, least int) *churn.Quality {
	var sum churn.Quality
	for _, row := range rows {
		for _, bin := range row.Bins {
			segment, known := churn.SegmentOf(bin.Segment)
			if !known || bin.Bin < least || bin.Bin >= churn.QualityBins {
				continue // of another version
			}
			sum.Count(segment, bin.Bin, churn.Reliability{
				Rows: bin.Rows, Risk: bin.RiskSum, Lost: bin.Lost, SquaredError: bin.BrierSum, Overlap: bin.Overlap,
			})
		}
	}

	return &sum
}

// qualityOf adds the rows up, which all have one horizon; nil where none has an
// outcome.
func qualityOf(rows []wire.QualityRow) *qualityStatus {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r wire.QualityRow) bool { return len(r.Bins) == 0 })
	if len(rows) == 0 {
		return nil
	}
	from, to := rows[0].Time, rows[0].Time
	for _, row := range rows {
		from, to = min(from, row.Time), max(to, row.Time)
	}
	sum := qualitySum(rows, 0)
	q := &qualityStatus{
		From: time.UnixMilli(from).UTC(), To: time.UnixMilli(to).UTC(),
		Horizon: float64(rows[0].HorizonMS) / float64(24*time.Hour/time.Millisecond),
	}
	q.add("active", sum.Calibration(churn.OneTime, churn.Newcomer, churn.Regular))
	for s := range churn.Segments {
		q.add(s.String(), sum.Calibration(s))
	}

	return q
}

func (q *qualityStatus) add(segment string, c churn.Calibration) {
	s := segmentStatus{Segment: segment, Rows: c.Rows, Lost: c.Lost, Cases: math.Floor(c.Cases), TooFew: c.TooFew}
	if !c.TooFew {
		over := c.OverExpected()
		s.MeanRisk, s.Observed, s.Low, s.High = &c.MeanRisk, &c.Observed, &c.Low, &c.High
		s.Over, s.Brier, s.ECE, s.AUC = &over, &c.Brier, &c.ECE, &c.AUC
	}
	q.Segments = append(q.Segments, s)
}

// print shows a line for every segment; a nil one, that it is too early.
func (q *qualityStatus) print(to io.Writer) {
	if q == nil {
		fmt.Fprintln(to, "\nRisks: no outcomes yet; the first come a horizon after the first risks")

		return
	}
	fmt.Fprintf(to, "\nRisks and what came of them within %.3g days, outcomes from %s to %s\n", q.Horizon, term.TimeText(q.From), term.TimeText(q.To))
	fmt.Fprintln(to, "SEGMENT\tCASES\tRISK\tLOST\t95 %\tLOST/RISK\tBRIER\tECE\tAUC")
	for _, s := range q.Segments {
		if s.TooFew {
			fmt.Fprintf(to, "%s\t%s\t\t\t\t\t\t\t\n", s.Segment, s.missing())

			continue
		}
		fmt.Fprintf(to, "%s\t%.0f\t%.1f%%\t%.1f%%\t%.1f%% to %.1f%%\t%.2f\t%.3f\t%.3f\t%.3f\n",
			s.Segment, s.Cases, 100**s.MeanRisk, 100**s.Observed, 100**s.Low, 100**s.High, *s.Over, *s.Brier, *s.ECE, *s.AUC)
	}
}

// missing says which cases are too few.
func (s *segmentStatus) missing() string {
	if s.Cases < churn.LeastCases {
		return fmt.Sprintf("too few outcomes yet (%.0f of %d)", s.Cases, churn.LeastCases)
	}

	return fmt.Sprintf("too few outcomes of one kind yet (%d lost, %d back)", s.Lost, s.Rows-s.Lost)
}
