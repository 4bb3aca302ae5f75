package page

import (
	"fmt"
	"math"

	"ebb/pipeline/backtest"
)

// plots are those of all signals and risks.
func plots(r *backtest.Report) []plot {
	return []plot{told(r), after(r), leads(r), tradeOff(r), reliability(r), gains(r), overTime(r)}
}

// reliability is the share that was lost against the risk that was said.
func reliability(r *backtest.Report) plot {
	p := newPlot(plotFrame(), 0, 1, 0, 1)
	p.Title = "Does a risk of 70 % mean 70 of 100?"
	p.Caption = "Each dot is a tenth of the customers, by risk. On the dashed line a risk came true as often as it said; above the line more were lost than it said, below it fewer."
	p.titled("risk that was said", "did not come back")
	shares(p.yTick)
	shares(p.xTick)
	p.line("even", 0, 0, 1, 1)
	var said, came []float64
	for _, bin := range r.Reliability {
		score, observed := float64(bin.Score), float64(bin.Observed)
		if math.IsNaN(score) || math.IsNaN(observed) {
			continue
		}
		said, came = append(said, score), append(came, observed)
		p.dot("c0", score, observed, fmt.Sprintf("risk %.0f %%, lost %.0f %%, %.0f rows", 100*score, 100*observed, bin.Rows))
	}
	p.curve("c0", said, came)
	if len(said) == 0 {
		p.Nothing = "No customer was active at an evaluation time."
	}

	return p
}

// gains is how many of the lost are found among the customers most at risk.
func gains(r *backtest.Report) plot {
	p := newPlot(plotFrame(), 0, 1, 0, 1)
	p.Title = "Are the lost among the riskiest?"
	p.Caption = "If you wrote to the riskiest tenth, two tenths and so on, you would reach this share of those who will be lost. The dashed line is what chance would reach."
	p.titled("customers with the highest risk", "of the lost")
	shares(p.yTick)
	shares(p.xTick)
	p.line("even", 0, 0, 1, 1)
	reached, found := []float64{0}, []float64{0}
	for i, gain := range r.Gains {
		if math.IsNaN(float64(gain)) {
			break // nobody was lost
		}
		share := float64(i+1) / float64(len(r.Gains))
		reached, found = append(reached, share), append(found, float64(gain))
		p.dot("c0", share, float64(gain), fmt.Sprintf("the riskiest %.0f %%: %.0f %% of the lost", 100*share, 100*gain))
	}
	p.curve("c0", reached, found)
	if len(reached) == 1 {
		p.Nothing = "Nobody was lost."
	}

	return p
}

const bars = 24

// histogram draws how often values of 0 to longest days came; what is longer
// goes into the last bar.
func histogram(values []float64, longest float64, u timeUnit) plot {
	counts := make([]float64, bars)
	most := 1.0
	for _, v := range values {
		at := min(max(int(v/longest*bars), 0), bars-1)
		counts[at]++
		most = max(most, counts[at])
	}
	const room = 1.12 // for the words of marks above the bars
	p := newPlot(plotFrame(), 0, longest*u.perDay, 0, room*most)
	round(p.x.high, 0, p.xTick)
	round(most, 1, p.yTick)
	for i, count := range counts {
		from, to := p.x.high*float64(i)/bars, p.x.high*float64(i+1)/bars
		p.bar("c0", from, to, 0, count, fmt.Sprintf("%.3g to %.3g %s: %.0f", from, to, u.name, count))
	}

	return p
}

// told is when the signals came, and how many of them were right.
func told(r *backtest.Report) plot {
	p := plot{Title: "When would you have been told?", Nothing: "Nobody would have been told of."}
	if len(r.Told) == 0 || len(r.ByTime) == 0 {
		return p
	}
	var lost, back [bars]float64
	from, to := float64(r.ByTime[0].At), float64(r.Log.Last-r.Horizon)
	most := 1.0
	for i := range r.Told {
		at := min(max(int((float64(r.Told[i].At)-from)/(to-from)*bars), 0), bars-1)
		if r.Told[i].Lost {
			lost[at]++
		} else {
			back[at]++
		}
		most = max(most, lost[at]+back[at])
	}
	drawn := newPlot(plotFrame(), from, to, 0, most)
	drawn.Title = p.Title
	drawn.Caption = "Messages from the first time that was judged until a horizon before the end of the file, whose outcome is known."
	drawn.titled("when you were told", "messages")
	drawn.dates()
	round(most, 1, drawn.yTick)
	for i := range lost {
		begin, end := from+(to-from)*float64(i)/bars, from+(to-from)*float64(i+1)/bars
		words := fmt.Sprintf("%s to %s: %.0f did not come back, %.0f did", date(int64(begin)), date(int64(end)), lost[i], back[i])
		drawn.bar("c0", begin, end, 0, lost[i], words)
		drawn.bar("c3", begin, end, lost[i], lost[i]+back[i], words)
	}
	drawn.Legend = []entry{{"c0", "did not come back"}, {"c3", "came back"}}

	return drawn
}

// after is how long after the last visit the signals came.
func after(r *backtest.Report) plot {
	u, horizon := unitOf(r.Horizon), float64(r.Horizon)/dayMS
	days := make([]float64, len(r.Told))
	for i := range r.Told {
		days[i] = r.Told[i].After
	}
	p := histogram(days, 1.2*horizon, u)
	p.Title = "How soon would you be told?"
	p.Caption = "Messages by how long the customer had been silent. Those left of the first mark are in time; the last bar holds all that are later."
	p.titled(u.name+" since the last visit", "messages")
	p.mark(0.6*horizon*u.perDay, "in time")
	p.mark(horizon*u.perDay, "lost")
	if len(r.Told) == 0 {
		p.Nothing = "Nobody would have been told of."
	}

	return p
}

// leads is the distribution of lead times.
func leads(r *backtest.Report) plot {
	u, horizon := unitOf(r.Horizon), float64(r.Horizon)/dayMS
	p := histogram(r.Leads, horizon, u)
	p.Title = "How long would you have had?"
	p.Caption = fmt.Sprintf("Losses that were told of, by how long before the silence had lasted %s the customer was at risk. Further right is better.", backtest.Span(float64(r.Horizon)))
	p.titled(u.name+" before the loss", "losses")
	if len(r.Leads) == 0 {
		p.Nothing = "No loss was told of."
	}

	return p
}

// overTime is the AUC at every evaluation time, beside the baselines.
func overTime(r *backtest.Report) plot {
	if len(r.ByTime) == 0 {
		return plot{Title: rankTitle, Nothing: "There was no evaluation time."}
	}
	from, to := float64(r.ByTime[0].At), float64(r.ByTime[len(r.ByTime)-1].At)
	lowest := 0.4
	each := func(auc backtest.Number) {
		if v := float64(auc); v < lowest {
			lowest = math.Floor(10*v) / 10
		}
	}
	for i := range r.ByTime {
		each(r.ByTime[i].AUC)
		for _, b := range backtest.Baselines() {
			each(r.ByTime[i].Baselines[b.Name])
		}
	}
	p := newPlot(plotFrame(), from, to, lowest, 1)
	p.Title = rankTitle
	p.Caption = "How often a customer who will be lost has a higher risk than one who will stay (AUC): 0.5 is chance, 1 is perfect. The thick line is ebb; the others are plain rules and models from the literature on the same customers."
	p.titled("evaluation time", "AUC")
	for v := int(math.Round(10 * lowest)); v <= 10; v++ {
		p.yTick(float64(v)/10, fmt.Sprintf("%.1f", float64(v)/10))
	}
	p.dates()
	drawn := 0
	series := func(class, words string, auc func(*backtest.Time) backtest.Number) {
		var xs, ys []float64
		for i := range r.ByTime {
			v := float64(auc(&r.ByTime[i]))
			if math.IsNaN(v) {
				continue
			}
			xs, ys = append(xs, float64(r.ByTime[i].At)), append(ys, v)
			if class == "c0" || len(r.ByTime) == 1 {
				p.dot(class, float64(r.ByTime[i].At), v, fmt.Sprintf("%s, %s: %.3f", date(r.ByTime[i].At), words, v))
			}
		}
		p.curve(class, xs, ys)
		p.Legend = append(p.Legend, entry{class, words})
		drawn += len(xs)
	}
	for i, b := range backtest.Baselines() {
		series(fmt.Sprintf("c%d", i+1), b.Words, func(t *backtest.Time) backtest.Number { return t.Baselines[b.Name] })
	}
	series("c0", "ebb", func(t *backtest.Time) backtest.Number { return t.AUC })
	if drawn == 0 {
		p.Nothing = "At no evaluation time were there both customers who were lost and customers who stayed."
	}

	return p
}

const rankTitle = "Who goes first: how well it ranks"

// tradeOff is what other thresholds would give, beside plain rules that tell of as
// many customers.
func tradeOff(r *backtest.Report) plot {
	p := newPlot(plotFrame(), 0, 1, 0, 1)
	p.Title = "What would another threshold give?"
	p.Caption = "Each dot is a threshold: a higher one tells of customers with more certainty and later. The mark is where it stood at the end. By silence and by chance: as many messages without a risk."
	p.titled("risk from which on you are told", "share")
	shares(p.yTick)
	shares(p.xTick)
	drawn := 0
	series := func(class, words string, value func(*backtest.CurvePoint) backtest.Number) {
		var xs, ys []float64
		for i := range r.Curve {
			c := &r.Curve[i]
			if v := float64(value(c)); c.Raised > 0 && !math.IsNaN(v) {
				xs, ys = append(xs, c.AtRiskAt), append(ys, v)
				p.dot(class, c.AtRiskAt, v, fmt.Sprintf("from a risk of %.0f %% on: %.0f %% %s", 100*c.AtRiskAt, 100*v, words))
			}
		}
		p.curve(class, xs, ys)
		p.Legend = append(p.Legend, entry{class, words})
		drawn += len(xs)
	}
	series("c3", "right by chance", func(c *backtest.CurvePoint) backtest.Number { return c.Random.Precision })
	series("c2", "right by silence", func(c *backtest.CurvePoint) backtest.Number { return c.SilentFor.Precision })
	series("c1", "losses told in time", func(c *backtest.CurvePoint) backtest.Number { return c.RecallInTime })
	series("c0", "right", func(c *backtest.CurvePoint) backtest.Number { return c.Precision })
	p.mark(r.Signals.Threshold, "now")
	if drawn == 0 {
		p.Nothing = "Nobody would have been told of, from whatever risk on."
	}

	return p
}

// timeUnit is what a length of time is drawn in.
type timeUnit struct {
	perDay float64
	name   string
}

func unitOf(horizon int64) timeUnit {
	switch {
	case horizon >= 2*dayMS:
		return timeUnit{1, "days"}
	case horizon >= dayMS/12:
		return timeUnit{24, "hours"}
	default:
		return timeUnit{1440, "minutes"}
	}
}
