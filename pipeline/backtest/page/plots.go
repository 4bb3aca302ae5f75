package page

import (
	"fmt"
	"math"
	"time"

	"ebb/pipeline/backtest"
)

// reliability is the share that was lost against the risk that was said.
func reliability(r *backtest.Report) plot {
	p := newPlot("Reliability", "Share lost against the risk said, ten bins of equal count. On the line, a risk of 70 % means 70 of 100.", 0, 1, 0, 1)
	p.yTicks(4, "%.2f")
	p.xTicks(4, "%.2f")
	p.line("even", 0, 0, 1, 1)
	var said, came []float64
	for _, bin := range r.Reliability {
		said, came = append(said, float64(bin.Score)), append(came, float64(bin.Observed))
		p.dot("c0", float64(bin.Score), float64(bin.Observed), fmt.Sprintf("risk %.3f, lost %.3f, %.0f rows", bin.Score, bin.Observed, bin.Rows))
	}
	p.curve("c0", said, came)

	return p
}

// gains is how many of the lost are found among the customers most at risk.
func gains(r *backtest.Report) plot {
	p := newPlot("Lift", "Share of the lost that is found among the customers with the highest risk. The line is chance.", 0, 1, 0, 1)
	p.yTicks(4, "%.2f")
	p.xTicks(4, "%.2f")
	p.line("even", 0, 0, 1, 1)
	shares, found := []float64{0}, []float64{0}
	for i, gain := range r.Gains {
		if math.IsNaN(float64(gain)) {
			break // nobody was lost
		}
		shares, found = append(shares, float64(i+1)/float64(len(r.Gains))), append(found, float64(gain))
	}
	p.curve("c0", shares, found)

	return p
}

const leadBars = 20

// leads is the distribution of lead times.
func leads(r *backtest.Report) plot {
	longest := float64(r.Horizon) / dayMS
	counts := make([]float64, leadBars)
	most := 1.0
	for _, lead := range r.Leads {
		at := min(int(lead/longest*leadBars), leadBars-1)
		counts[at]++
		most = max(most, counts[at])
	}
	p := newPlot("Lead time", "Losses by how many days before a silence of a whole horizon the customer was at risk.", 0, longest, 0, most)
	p.xTicks(4, "%.3g d")
	p.yTicks(2, "%.0f")
	for i, count := range counts {
		p.bar(longest*float64(i)/leadBars, longest*float64(i+1)/leadBars, count)
	}

	return p
}

// overTime is the AUC at every evaluation time, beside the baselines.
func overTime(r *backtest.Report) plot {
	from, to := float64(r.ByTime[0].At), float64(r.ByTime[len(r.ByTime)-1].At)
	p := newPlot("AUC over time", "Detector and baselines at every evaluation time.", from, to, 0.4, 1)
	p.yTicks(6, "%.1f")
	timeTicks(&p)
	series := func(class, words string, auc func(*backtest.Time) backtest.Number) {
		var xs, ys []float64
		for i := range r.ByTime {
			if v := float64(auc(&r.ByTime[i])); !math.IsNaN(v) {
				xs, ys = append(xs, float64(r.ByTime[i].At)), append(ys, max(v, p.y.low))
			}
		}
		p.curve(class, xs, ys)
		p.Legend = append(p.Legend, entry{class, words})
	}
	for i, b := range backtest.Baselines() {
		series(fmt.Sprintf("c%d", i+1), b.Words, func(t *backtest.Time) backtest.Number { return t.Baselines[b.Name] })
	}
	series("c0", "detector", func(t *backtest.Time) backtest.Number { return t.AUC })

	return p
}

// timeTicks writes the dates at both ends and in the middle.
func timeTicks(p *plot) {
	for _, part := range []float64{0, 0.5, 1} {
		at := p.x.low + part*(p.x.high-p.x.low)
		p.xTick(at, time.UnixMilli(int64(at)).UTC().Format(time.DateOnly))
		if p.x.high == p.x.low {
			break
		}
	}
	if last := len(p.Ticks) - 1; p.Ticks[last].X == unit(width-right) {
		p.Ticks[last].Anchor = "end"
	}
}

// portraits are the risks of a few customers through the log.
func portraits(r *backtest.Report) []plot {
	var plots []plot
	for i := range r.Portraits {
		portrait := &r.Portraits[i]
		fate := "still there at the end"
		if portrait.Lost {
			fate = "silent through the last horizon"
		}
		p := newPlot(portrait.Customer, fate+"; strokes are qualifying events, dots changes of level",
			float64(r.Log.First), float64(r.Log.Last), 0, 1)
		p.yTicks(2, "%.1f")
		timeTicks(&p)
		p.line("threshold", p.x.low, r.Signals.Threshold, p.x.high, r.Signals.Threshold)
		for _, at := range portrait.Events {
			p.line("event", float64(at), 0, float64(at), 0.06)
		}
		at := make([]float64, len(portrait.At))
		for i := range at {
			at[i] = float64(portrait.At[i])
		}
		p.curve("c0", at, portrait.Risk)
		for _, change := range portrait.Changes {
			class := "cleared"
			if change.Raised {
				class = "raised"
			}
			p.dot(class, float64(change.At), change.Score.Risk(), fmt.Sprintf("%s: %v to %v, risk %.2f", date(change.At), change.From, change.To, change.Score.Risk()))
		}
		plots = append(plots, p)
	}

	return plots
}
