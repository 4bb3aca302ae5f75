package page

import (
	"fmt"
	"sort"

	"ebb/pipeline/backtest"
)

// portraits are the risks of a few customers through the log.
func portraits(r *backtest.Report) []plot {
	var list []plot
	for i := range r.Portraits {
		portrait := &r.Portraits[i]
		p := newPlot(smallFrame(), float64(r.Log.First), float64(r.Log.Last), 0, 1)
		p.Title = portrait.Customer
		p.Caption = fmt.Sprintf("%s; came back in the last %s.", backtest.Counted(len(portrait.Events), "action", "actions"), backtest.Span(float64(r.Horizon)))
		if portrait.Lost {
			p.Caption = fmt.Sprintf("%s; silent through the last %s.", backtest.Counted(len(portrait.Events), "action", "actions"), backtest.Span(float64(r.Horizon)))
		}
		p.titled("time", "risk")
		shares(p.yTick)
		p.dates()
		drawPortrait(&p, r, portrait, 0.05)
		list = append(list, p)
	}

	return list
}

// spark is the risk of a customer in the last horizons, without words.
func spark(r *backtest.Report, portrait *backtest.Portrait) plot {
	p := newPlot(sparkFrame(), float64(sparkFrom(r)), float64(r.Log.Last), 0, 1)
	p.Title = fmt.Sprintf("Risk of %s from %s to %s", portrait.Customer, when(r, sparkFrom(r)), when(r, r.Log.Last))
	drawPortrait(&p, r, portrait, 0.12)
	if last := len(portrait.Risk) - 1; last >= 0 {
		p.dot("now", float64(portrait.At[last]), portrait.Risk[last], fmt.Sprintf("%s: risk %.0f %%", when(r, portrait.At[last]), 100*portrait.Risk[last]))
	}

	return p
}

// sparkFrom is where a spark begins.
func sparkFrom(r *backtest.Report) int64 {
	return max(r.Log.First, r.Log.Last-backtest.CloseHorizons*r.Horizon)
}

// drawPortrait draws what lies in the range of the plot; strokes of visits have
// a part of its height.
func drawPortrait(p *plot, r *backtest.Report, portrait *backtest.Portrait, stroke float64) {
	from := int64(p.x.low)
	p.line("threshold", p.x.low, r.Signals.Threshold, p.x.high, r.Signals.Threshold)
	for _, at := range thinned(portrait.Events, from, r.Log.Last) {
		p.line("event", float64(at), 0, float64(at), stroke)
	}
	if len(portrait.Events) > 0 {
		from = max(from, portrait.Events[0]) // before that there is no risk
	}
	first := sort.Search(len(portrait.At), func(i int) bool { return portrait.At[i] >= from })
	var at []float64
	for _, t := range portrait.At[first:] {
		at = append(at, float64(t))
	}
	p.curve("c0", at, portrait.Risk[first:])
	for _, change := range portrait.Changes {
		if change.At < from {
			continue
		}
		class := "cleared"
		if change.Raised {
			class = "raised"
		}
		p.dot(class, float64(change.At), change.Score.Risk(), fmt.Sprintf("%s: %v to %v, risk %.2f", when(r, change.At), change.From, change.To, change.Score.Risk()))
	}
}

// strokes bounds how many strokes are drawn: more can't be told apart.
const strokes = 400

// thinned are the times in a range, of those that fall together one.
func thinned(times []int64, from, to int64) []int64 {
	apart := (to - from) / strokes
	var kept []int64
	for _, at := range times {
		if at >= from && at <= to && (len(kept) == 0 || at-kept[len(kept)-1] >= apart) {
			kept = append(kept, at)
		}
	}

	return kept
}
