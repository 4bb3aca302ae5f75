package page

import (
	"fmt"

	"ebb/pipeline/backtest"
)

// row is one line of a table.
type row struct{ Name, Value, Interval, Meaning string }

// table is one of the statistics.
type table struct {
	Title string
	Rows  []row
}

// tables are the statistics, for those who want to know more.
func tables(r *backtest.Report) []table {
	list := []table{
		{"How good the risks are", figures(r)},
		{"AUC of baselines on the same rows", baselines(r)},
		{"What the signals were worth", signals(r)},
		{"The signals from other risks on, beside as many by silence and by chance", overThresholds(r)},
	}
	var thresholds []row
	for i := range r.Thresholds {
		thresholds = append(thresholds, threshold(&r.Thresholds[i]))
	}
	if len(thresholds) > 0 {
		list = append(list, table{"The signals at other thresholds", thresholds})
	}

	return list
}

func figures(r *backtest.Report) []row {
	in := &r.Intervals

	return []row{
		{"AUC", r.AUC.Text(), in.AUC.Text(), "mean of the evaluation times; 0.5 is chance"},
		{"PR-AUC", r.PRAUC.Text(), in.PRAUC.Text(), "mean of the evaluation times; " + r.BaseRate.Text() + " is chance"},
		{"Top-decile lift", r.TopDecile.Text(), in.TopDecile.Text(), "mean of the evaluation times; 1 is chance"},
		{"Brier", r.Brier.Text(), in.Brier.Text(), "all rows; 0 is best; mean of times " + r.Mean.Brier.Text()},
		{"ECE", r.ECE.Text(), in.ECE.Text(), "all rows, 10 bins of equal count; 0 is best; mean of times " + r.Mean.ECE.Text()},
		{"Observed / expected", r.ObservedOver.Text(), in.ObservedOver.Text(), "all rows; 1 is best"},
		laterHalf(r),
		cold(&r.Cold),
	}
}

func baselines(r *backtest.Report) []row {
	var rows []row
	for _, b := range backtest.Baselines() {
		rows = append(rows, row{b.Words, r.Baselines[b.Name].Text(), r.Intervals.Baselines[b.Name].Text(),
			fmt.Sprintf("detector ahead by %s; %s", (r.AUC - r.Baselines[b.Name]).Signed(), r.Intervals.Ahead[b.Name].Text())})
	}

	return rows
}

func signals(r *backtest.Report) []row {
	s, rule := &r.Signals, &r.RuleSilentFor

	return []row{
		{"Raised at_risk", backtest.Count(s.Raised), "", "to " + s.Alerted.Percent() + " of the customers; at the end from a risk of " + backtest.Number(s.Threshold).Percent() + " on"},
		{"Precision", s.Precision.Percent(), "", "no qualifying event in the horizon after the signal; promised " + s.Promised.Percent()},
		{"Told in time", s.RecallInTime.Percent(), "", fmt.Sprintf("of %d silences of a horizon, before 0.6 of it had passed", s.Losses)},
		{"Days after the last engagement", s.DaysAfter.Days(), "", "half of the signals came within so many days"},
		{"Recall", s.Recall.Percent(), "", "of the same silences, at risk when they had lasted a horizon"},
		{"Median lead time in days", s.LeadTimeMedian.Days(), "", "at risk so long before that moment"},
		{"Signals for an active customer", s.ShareSignalled.Text(), "", "in a horizon"},
		{"By silence alone", rule.Precision.Percent(), "", fmt.Sprintf("the precision of as many signals, each after %s days of silence; in time %s", rule.Days.Days(), rule.RecallInTime.Percent())},
		{"Level changes", s.LevelChanges.Text(), "", "per customer and month of 30 days"},
		{"Cleared within 24 h", s.ClearedSoon.Percent(), "", "of the signals raised"},
	}
}

func threshold(s *backtest.ThresholdSignals) row {
	return row{fmt.Sprintf("At %g", s.AtRiskAt), s.Precision.Percent(), "", fmt.Sprintf(
		"precision of %d raised; in time %s, half within %s days of the last engagement, %s level changes per customer and month, %s cleared within 24 h",
		s.Raised, s.RecallInTime.Percent(), s.DaysAfter.Days(), s.LevelChanges.Text(), s.ClearedSoon.Percent())}
}

func overThresholds(r *backtest.Report) []row {
	var rows []row
	for i := range r.Curve {
		c := &r.Curve[i]
		name := fmt.Sprintf("From %.0f %% on", 100*c.AtRiskAt)
		if c.Chosen {
			name += ", as it was"
		}
		rows = append(rows, row{name, c.Precision.Percent(), "", fmt.Sprintf(
			"right of %s raised, %s for an active customer in a horizon; in time %s, half within %s days of the last engagement and %s ahead of the loss; by silence for %s days right %s, in time %s; by chance right %s, in time %s",
			backtest.Count(c.Raised), c.ShareSignalled.Text(), c.RecallInTime.Percent(), c.DaysAfter.Days(), c.LeadTimeMedian.Days(),
			c.SilentFor.Days.Days(), c.SilentFor.Precision.Percent(), c.SilentFor.RecallInTime.Percent(), c.Random.Precision.Percent(), c.Random.RecallInTime.Percent())})
	}

	return rows
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
