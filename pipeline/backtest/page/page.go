package page

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
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
		Customers: r.Log.Customers, Rows: r.Rows, Times: r.Times, BaseRate: percent(r.BaseRate),
		Figures: []row{
			{"AUC", number(r.AUC), interval(in.AUC), "mean of the evaluation times; 0.5 is chance"},
			{"PR-AUC", number(r.PRAUC), interval(in.PRAUC), "mean of the evaluation times; " + number(r.BaseRate) + " is chance"},
			{"Top-decile lift", number(r.TopDecile), interval(in.TopDecile), "mean of the evaluation times; 1 is chance"},
			{"Brier", number(r.Brier), interval(in.Brier), "all rows; 0 is best; mean of times " + number(r.Mean.Brier)},
			{"ECE", number(r.ECE), interval(in.ECE), "all rows, 10 bins of equal count; 0 is best; mean of times " + number(r.Mean.ECE)},
			{"Observed / expected", number(r.ObservedOver), interval(in.ObservedOver), "all rows; 1 is best"},
			laterHalf(r),
			cold(&r.Cold),
		},
		Signals: []row{
			{"Raised at_risk", fmt.Sprint(s.Raised), "", "to " + percent(s.Alerted) + " of the customers"},
			{"Precision", percent(s.Precision), "", "no qualifying event in the horizon after the signal"},
			{"Recall", percent(s.Recall), "", fmt.Sprintf("of %d silences of a horizon, at risk when they had lasted so long", s.Losses)},
			{"Median lead time", number(s.LeadTimeMedian) + " days", "", "at risk before that moment"},
			{"Level changes", number(s.LevelChanges), "", "per customer and month of 30 days"},
			{"Cleared within 24 h", percent(s.ClearedSoon), "", "of the signals raised"},
		},
		Plots:     []plot{reliability(r), gains(r), leads(r), overTime(r)},
		Portraits: portraits(r),
	}
	for _, b := range backtest.Baselines() {
		c.Baselines = append(c.Baselines, row{b.Words, number(r.Baselines[b.Name]), interval(in.Baselines[b.Name]),
			fmt.Sprintf("detector ahead by %+.3f; %s", r.AUC-r.Baselines[b.Name], interval(in.Ahead[b.Name]))})
	}

	return c
}

func laterHalf(r *backtest.Report) row {
	later := &r.LaterHalf
	meaning := fmt.Sprintf("mean of the last %d evaluation times", later.Times)
	for _, b := range backtest.Baselines() {
		meaning += "; " + b.Words + " " + number(later.Baselines[b.Name])
	}

	return row{"AUC, later half", number(later.AUC), interval(later.Interval), meaning}
}

func cold(c *backtest.Cold) row {
	return row{"AUC, cold", number(c.Detector.AUC), "", fmt.Sprintf(
		"in the first horizon, before anything is learned from outcomes; Brier %s; by rates alone AUC %s, Brier %s",
		number(c.Detector.Brier), number(c.ClosedForm.AUC), number(c.ClosedForm.Brier))}
}

func number(n backtest.Number) string {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return "–"
	}

	return fmt.Sprintf("%.3f", float64(n))
}

func percent(n backtest.Number) string {
	if math.IsNaN(float64(n)) {
		return "–"
	}

	return fmt.Sprintf("%.1f %%", 100*float64(n))
}

// interval is empty where there were no resamples.
func interval(i backtest.Interval) string {
	if math.IsNaN(float64(i[0])) {
		return ""
	}

	return number(i[0]) + " to " + number(i[1])
}

func date(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }

func days(ms int64) string { return fmt.Sprintf("%.4g days", float64(ms)/dayMS) }

const dayMS = 86_400_000
