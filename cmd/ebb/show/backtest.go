package show

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"ebb/cmd/ebb/call"
	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/backtest"
)

// Backtest writes the report for people.
func Backtest(to io.Writer, r *backtest.Report, suggestion backtest.Suggestion, source string, taken []string) error {
	p := backtestPrinter{r: r, w: &term.Writer{To: to}}
	p.verdict()
	call.SayAll(p.w, taken)
	p.log(suggestion, source)
	p.headline()
	p.baselines()
	p.signals()
	p.curve()
	p.thresholds()
	p.byTime()

	return p.w.Err
}

type backtestPrinter struct {
	r *backtest.Report
	w *term.Writer
}

// verdict is what somebody reads who reads no further.
func (p backtestPrinter) verdict() {
	verdict := p.r.Verdict()
	for _, sentence := range verdict.Sentences() {
		p.say("%s", sentence)
	}
	p.w.Line("")
}

func (p backtestPrinter) log(suggestion backtest.Suggestion, source string) {
	l := &p.r.Log
	p.say("%s (mapping %s): %d events of %s, %s to %s", l.Source, l.Mapping, l.Events, backtest.Counted(l.Customers, "customer", "customers"), date(l.First), date(l.Last))
	p.say("%d qualifying; %d refused, %d duplicates, %d late, %d of other customers", l.Qualifying, l.Refused, l.Duplicates, l.Late, l.Others)
	p.say("Horizon %v (%s). Nine of ten pauses between visits last at most %.3g days, which suggests %v.",
		length(p.r.Horizon), source, suggestion.Pause.Hours()/24, setting.Duration(suggestion.Horizon))
	p.say("%d evaluation times, %d customers still active at them in all; %s had no qualifying event in the next %v.",
		p.r.Times, p.r.Rows, p.r.BaseRate.Percent(), length(p.r.Horizon))
}

// say writes a sentence in lines that fit.
func (p backtestPrinter) say(format string, args ...any) {
	p.w.Line("%s", term.Wrapped(fmt.Sprintf(format, args...), ""))
}

func (p backtestPrinter) headline() {
	p.w.Line("\nCustomers still active: engaged in the last %v", length(p.r.Horizon))
	table := p.table()
	fmt.Fprintln(table, "\tfigure\t95 % interval\t")
	in := &p.r.Intervals
	for _, row := range []struct {
		name     string
		figure   backtest.Number
		interval backtest.Interval
		meaning  string
	}{
		{"AUC", p.r.AUC, in.AUC, "mean of times; 0.5 is chance"},
		{"PR-AUC", p.r.PRAUC, in.PRAUC, fmt.Sprintf("mean of times; %s is chance", p.r.BaseRate.Text())},
		{"top-decile lift", p.r.TopDecile, in.TopDecile, "mean of times; 1 is chance"},
		{"Brier", p.r.Brier, in.Brier, "all rows; 0 is best; mean of times " + p.r.Mean.Brier.Text()},
		{"ECE", p.r.ECE, in.ECE, "all rows, 10 bins of equal count; 0 is best; mean of times " + p.r.Mean.ECE.Text()},
		{"observed / expected", p.r.ObservedOver, in.ObservedOver, "all rows; 1 is best"},
	} {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row.name, row.figure.Text(), row.interval.Text(), row.meaning)
	}
	table.Flush()
	p.w.Line("Over all customers ever known: AUC %s, Brier %s, ECE %s (mean of times).",
		p.r.AllKnown.AUC.Text(), p.r.AllKnown.Brier.Text(), p.r.AllKnown.ECE.Text())
	p.phases()
}

// phases are how good it was late, and before it had learned anything from
// outcomes.
func (p backtestPrinter) phases() {
	later, cold := &p.r.LaterHalf, &p.r.Cold
	if later.Times > 0 {
		within := ""
		if text := later.Interval.Text(); text != "" {
			within = " (" + text + ")"
		}
		p.w.Line("In the later half of the times: AUC %s%s, recency %s, BG/NBD %s.",
			later.AUC.Text(), within, later.Baselines["recency"].Text(), later.Baselines["bgnbd_p0"].Text())
	}
	if cold.Times > 0 {
		p.w.Line("Cold, in the first %v, before anything is learned from outcomes: AUC %s, Brier %s; by rates alone AUC %s, Brier %s.",
			length(p.r.Horizon), cold.Detector.AUC.Text(), cold.Detector.Brier.Text(), cold.ClosedForm.AUC.Text(), cold.ClosedForm.Brier.Text())
	}
}

func (p backtestPrinter) baselines() {
	p.w.Line("\nAUC beside baselines on the same rows")
	table := p.table()
	fmt.Fprintln(table, "\tAUC\t95 % interval\tdetector ahead by\t95 % interval")
	in := &p.r.Intervals
	fmt.Fprintf(table, "detector\t%s\t%s\t\t\n", p.r.AUC.Text(), in.AUC.Text())
	for _, row := range backtest.Baselines() {
		auc := p.r.Baselines[row.Name]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", row.Words, auc.Text(), in.Baselines[row.Name].Text(), (p.r.AUC - auc).Signed(), in.Ahead[row.Name].Text())
	}
	table.Flush()
}

func (p backtestPrinter) signals() {
	s, rule := &p.r.Signals, &p.r.RuleSilentFor
	p.w.Line("\nSignals from the first evaluation time until a horizon before the end")
	p.w.Line("  %d raised at_risk, to %s of the customers; at the end from a risk of %.0f %% on", s.Raised, s.Alerted.Percent(), 100*s.Threshold)
	p.w.Line("  precision %s, promised %s: no qualifying event in the %v after the signal", s.Precision.Percent(), s.Promised.Percent(), length(p.r.Horizon))
	p.w.Line("  in time %s: of %d silences of %v, so many were told of before 0.6 of it", s.RecallInTime.Percent(), s.Losses, length(p.r.Horizon))
	p.w.Line("  half of the signals came within %s days of the last engagement", s.DaysAfter.Days())
	p.w.Line("  recall %s: so many were at risk when the silence had lasted a horizon; half of", s.Recall.Percent())
	p.w.Line("  them at least %s days before that", s.LeadTimeMedian.Days())
	p.w.Line("  %s signals for an active customer in a horizon; %s level changes per", s.ShareSignalled.Text(), s.LevelChanges.Text())
	p.w.Line("  customer and month; %s of the raised were cleared within 24 h", s.ClearedSoon.Percent())
	p.w.Line("  As many signals by silence alone, after %s days: precision %s, in time %s.", rule.Days.Days(), rule.Precision.Percent(), rule.RecallInTime.Percent())
}

// curve is what other thresholds would give, beside rules that tell of as many.
func (p backtestPrinter) curve() {
	p.w.Line("\nAs signals would be from other risks on, in percent; * is how they were")
	p.w.Line("%41s%20s%18s", "", "by silence", "by chance")
	p.w.Line("%6s%8s%6s%6s%6s%8s%7s%8s%6s%6s%7s%6s", "risk", "raised", "share", "right", "early", "after", "ahead", "days", "right", "early", "right", "early")
	for i := range p.r.Curve {
		c := &p.r.Curve[i]
		mark := ""
		if c.Chosen {
			mark = "* "
		}
		p.w.Line("%6s%8d%6s%6s%6s%8s%7s%8s%6s%6s%7s%6s", fmt.Sprintf("%s%.0f", mark, 100*c.AtRiskAt), c.Raised, c.ShareSignalled.Hundredths(),
			c.Precision.Hundredths(), c.RecallInTime.Hundredths(), c.DaysAfter.Days(), c.LeadTimeMedian.Days(), c.SilentFor.Days.Days(),
			c.SilentFor.Precision.Hundredths(), c.SilentFor.RecallInTime.Hundredths(), c.Random.Precision.Hundredths(), c.Random.RecallInTime.Hundredths())
	}
	p.say("share: signals for 100 active customers in %v; right: not back within it; early: losses told of before 0.6 of it; days after the last engagement, and ahead of the loss, half of them; by silence, or by chance, as many signals.", length(p.r.Horizon))
}

func (p backtestPrinter) thresholds() {
	if len(p.r.Thresholds) == 0 {
		return
	}
	p.w.Line("\nThe signals at other thresholds")
	table := p.table()
	fmt.Fprintln(table, "churn.at_risk_at\traised\tprecision\tin time\tdays after\tlevel changes\tcleared in 24 h")
	for i := range p.r.Thresholds {
		s := &p.r.Thresholds[i]
		fmt.Fprintf(table, "%g\t%d\t%s\t%s\t%s\t%s\t%s\n", s.AtRiskAt, s.Raised, s.Precision.Percent(), s.RecallInTime.Percent(),
			s.DaysAfter.Days(), s.LevelChanges.Text(), s.ClearedSoon.Percent())
	}
	table.Flush()
}

func (p backtestPrinter) byTime() {
	p.w.Line("\nBy evaluation time")
	table := p.table()
	fmt.Fprintln(table, "\tactive\tlost\tAUC\tPR-AUC\tlift\tBrier\tECE\tobs/exp\tBG/NBD AUC\tr, α (weeks), a, b, log-likelihood")
	for i := range p.r.ByTime {
		t := &p.r.ByTime[i]
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			date(t.At), t.Rows, t.BaseRate.Percent(), t.AUC.Text(), t.PRAUC.Text(), t.TopDecile.Text(), t.Brier.Text(),
			t.ECE.Text(), t.ObservedOver.Text(), t.Baselines["bgnbd_p0"].Text(), bgnbdFit(&t.BGNBD))
	}
	table.Flush()
}

func bgnbdFit(b *backtest.BGNBD) string {
	if math.IsNaN(float64(b.LogLikelihood)) {
		return "too few came back to fit"
	}

	return fmt.Sprintf("%.3f, %.3f, %.3f, %.3f, %.1f", b.R, b.Alpha, b.A, b.B, b.LogLikelihood)
}

func (p backtestPrinter) table() *tabwriter.Writer {
	return tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
}

func date(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }

func length(ms int64) setting.Duration { return setting.Duration(ms * int64(time.Millisecond)) }
