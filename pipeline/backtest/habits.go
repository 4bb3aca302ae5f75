package backtest

import (
	"math"
	"slices"

	"ebb/pipeline/backtest/bgnbd"
)

const (
	dayMS  = int64(86_400_000)
	weekMS = 7 * dayMS
)

// habit is what the baselines use of one customer.
type habit struct {
	events      int
	first, last int64
	decayed     float64 // events, halved every half horizon, as of last
	days        []int32 // UTC days with an event, ascending
}

// habits follow the events that the detector gets to know, beside it.
type habits struct {
	halfLife float64 // ms
	of       []habit // by customer
}

func newHabits(customers int, horizon int64) *habits {
	return &habits{halfLife: float64(horizon) / 2, of: make([]habit, customers)}
}

func (h *habits) take(event *Event) {
	if event.Late || !event.Qualifying {
		return
	}
	who := &h.of[event.Customer]
	if who.events == 0 {
		who.first, who.last = event.Time, event.Time
	}
	newest := max(who.last, event.Time)
	who.decayed = who.decayed*h.decay(newest-who.last) + h.decay(newest-event.Time)
	who.events++
	who.first = min(who.first, event.Time)
	who.last = newest
	today := int32(event.Time / dayMS)
	if at, known := slices.BinarySearch(who.days, today); !known {
		who.days = slices.Insert(who.days, at, today)
	}
}

func (h *habits) decay(ms int64) float64 { return math.Exp2(-float64(ms) / h.halfLife) }

// known is the habit of a customer whom the detector knows. It may know one by
// late events alone, which are no more than a sign of life: who came once.
func (h *habits) known(customer uint32, e *engine) habit {
	if who := h.of[customer]; who.events > 0 {
		return who
	}
	at := e.states[customer].Last()

	return habit{events: 1, first: at, last: at, decayed: 1, days: []int32{int32(at / dayMS)}}
}

// meanGap is the mean of all gaps between events of one customer, of whom
// there are several; 0 where there is none.
func (h *habits) meanGap() float64 {
	var sum, gaps float64
	for i := range h.of {
		if who := &h.of[i]; who.events > 1 {
			sum += float64(who.last - who.first)
			gaps += float64(who.events - 1)
		}
	}

	return sum / max(gaps, 1)
}

// history is the customer in the terms of the BG/NBD model: weeks, and by the
// day, as in its paper; all events of a day are one.
func (w *habit) history(now int64) bgnbd.History {
	const daysPerWeek = 7
	first, last := w.days[0], w.days[len(w.days)-1]

	return bgnbd.History{
		Repeats: len(w.days) - 1,
		Last:    float64(last-first) / daysPerWeek,
		Age:     float64(max(int32(now/dayMS), last)-first) / daysPerWeek,
	}
}
