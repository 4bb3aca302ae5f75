package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"time"

	"ebb/pipeline/backtest"
)

//go:embed page.html
var source string

// Write writes the page.
func Write(w io.Writer, r *backtest.Report) error {
	page, err := template.New("page").Parse(source)
	if err != nil {
		return fmt.Errorf("backtest page: %w", err)
	}
	if err := page.Execute(w, contentOf(r)); err != nil {
		return fmt.Errorf("write the backtest page: %w", err)
	}

	return nil
}

// content is what the template is given: words and plots.
type content struct {
	Source, From, To, Horizon string
	Customers, Rows, Times    int
	BaseRate                  string
	Figures                   []row
	Baselines                 []row
	Signals                   []row
	Thresholds                []row
	Plots                     []plot
	Portraits                 []plot
}

// row is one line of a table.
type row struct{ Name, Value, Interval, Meaning string }

func contentOf(r *backtest.Report) content {
	in := &r.Intervals
	s := &r.Signals
	c := content{
		Source: r.Log.Source, From: date(r.Log.First), To: date(r.Log.Last), Horizon: days(r.Horizon),
		Customers: r.Log.Customers, Rows: r.Rows, Times: r.Times, BaseRate: r.BaseRate.Percent(),
		Figures: []row{
			{"AUC", r.AUC.Text(), in.AUC.Text(), "mean of the evaluation times; 0.5 is chance"},
			{"PR-AUC", r.PRAUC.Text(), in.PRAUC.Text(), "mean of the evaluation times; " + r.BaseRate.Text() + " is chance"},
			{"Top-decile lift", r.TopDecile.Text(), in.TopDecile.Text(), "mean of the evaluation times; 1 is chance"},
			{"Brier", r.Brier.Text(), in.Brier.Text(), "all rows; 0 is best; mean of times " + r.Mean.Brier.Text()},
			{"ECE", r.ECE.Text(), in.ECE.Text(), "all rows, 10 bins of equal count; 0 is best; mean of times " + r.Mean.ECE.Text()},
			{"Observed / expected", r.ObservedOver.Text(), in.ObservedOver.Text(), "all rows; 1 is best"},
			laterHalf(r),
			cold(&r.Cold),
		},
		Signals: []row{
			{"Raised at_risk", fmt.Sprint(s.Raised), "", "to " + s.Alerted.Percent() + " of the customers"},
			{"Precision", s.Precision.Percent(), "", "no qualifying event in the horizon after the signal; promised " + s.Promised.Percent()},
			{"Told in time", s.RecallInTime.Percent(), "", fmt.Sprintf("of %d silences of a horizon, before 0.6 of it had passed", s.Losses)},
			{"Days after the last engagement", s.DaysAfter.Days() + " days", "", "half of the signals came within so many"},
			{"Recall", s.Recall.Percent(), "", "of the same silences, at risk when they had lasted a horizon"},
			{"Median lead time", s.LeadTimeMedian.Days() + " days", "", "at risk before that moment"},
			{"By silence alone", r.RuleSilentFor.Precision.Percent(), "", fmt.Sprintf("the precision of as many signals, each after %s days of silence; in time %s",
				r.RuleSilentFor.Days.Days(), r.RuleSilentFor.RecallInTime.Percent())},
			{"Level changes", s.LevelChanges.Text(), "", "per customer and month of 30 days"},
			{"Cleared within 24 h", s.ClearedSoon.Percent(), "", "of the signals raised"},
		},
		Plots:     []plot{reliability(r), gains(r), leads(r), overTime(r)},
		Portraits: portraits(r),
	}
	for i := range r.Thresholds {
		c.Thresholds = append(c.Thresholds, threshold(&r.Thresholds[i]))
	}
	for _, b := range backtest.Baselines() {
		c.Baselines = append(c.Baselines, row{b.Words, r.Baselines[b.Name].Text(), in.Baselines[b.Name].Text(),
			fmt.Sprintf("detector ahead by %s; %s", (r.AUC - r.Baselines[b.Name]).Signed(), in.Ahead[b.Name].Text())})
	}

	return c
}

func threshold(s *backtest.ThresholdSignals) row {
	return row{fmt.Sprintf("At %g", s.AtRiskAt), s.Precision.Percent(), "", fmt.Sprintf(
		"precision of %d raised; in time %s, half within %s days of the last engagement, %s level changes per customer and month, %s cleared within 24 h",
		s.Raised, s.RecallInTime.Percent(), s.DaysAfter.Days(), s.LevelChanges.Text(), s.ClearedSoon.Percent())}
}

func laterHalf(r *backtest.Report) row {
	later := &r.LaterHalf
	meaning := fmt.Sprintf("mean of the last %d evaluation times", later.Times)
	for _, b := range backtest.Baselines() {
		meaning += "; " + b.Words + " " + later.Baselines[b.Name].Text()
	}

	return row{"AUC, later half", later.AUC.Text(), later.Interval.Text(), meaning}
}

func cold(c *backtest.Cold) row {
	return row{"AUC, cold", c.Detector.AUC.Text(), "", fmt.Sprintf(
		"in the first horizon, before anything is learned from outcomes; Brier %s; by rates alone AUC %s, Brier %s",
		c.Detector.Brier.Text(), c.ClosedForm.AUC.Text(), c.ClosedForm.Brier.Text())}
}

func date(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }

func days(ms int64) string { return fmt.Sprintf("%.4g days", float64(ms)/dayMS) }

const dayMS = 86_400_000
