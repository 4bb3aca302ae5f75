package backtest

import (
	"cmp"
	"context"
	"math"
	"slices"

	"ebb/pipeline/backtest/skill"
	"ebb/pipeline/churn"
)

const (
	monthMS     = 30 * dayMS
	yearMS      = 365.25 * float64(dayMS)
	longestRule = 1000 // days of the rule "silent for so long"
)

// The halves of the customers.
const (
	tuned = iota // sets the threshold
	read         // gives the delays
	halves
)

func halfOf(customer int) int { return customer % halves }

// watcher looks at every simulated customer once a day, and at the end of
// every silence.
type watcher struct {
	engine *engine
	people []simulated
	spells []spell // by customer

	alarms   [halves][churn.Certain + 2]int32 // false alarms by threshold, each less those of the one before
	silences [halves][longestRule + 1]int32   // silences that ended, by their whole days
	present  [halves]float64                  // customer-years before the loss
	losses   []loss                           // of the measured year
	lossOf   []int                            // index in losses by customer; -1 before
	months   []skill.Row                      // all customers at the end of every month
}

// spell is the risk in a silence that still lasts.
type spell struct {
	begin   churn.Score // right after the event before it
	highest churn.Score
}

// loss is what follows the moment at which a customer leaves.
type loss struct {
	half   int
	silent int64         // ms at that moment
	first  int64         // ms from then to the first look
	scores []churn.Score // at that moment and at each day's look from then on
}

func newWatcher(config DelayConfig) (*watcher, error) {
	e, err := newEngine(config.Churn, config.Customers, simulationStart)
	if err != nil {
		return nil, err
	}

	return &watcher{
		engine: e,
		people: simulatePeople(config),
		spells: make([]spell, config.Customers),
		lossOf: slices.Repeat([]int{-1}, config.Customers),
	}, nil
}

func (w *watcher) run(ctx context.Context) error {
	for now := simulationStart + dayMS; now <= simulationEnd; now += dayMS {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.take(now); err != nil {
			return err
		}
		if err := w.engine.advance(now); err != nil {
			return err
		}
		if now < watchStart {
			continue
		}
		for who := range w.people {
			if w.engine.states[who].Known() {
				w.look(who, now)
			}
		}
	}

	return nil
}

// look takes down a customer's risk.
func (w *watcher) look(who int, now int64) {
	p, state := &w.people[who], &w.engine.states[who]
	score := w.engine.model.Steady(state, now)
	w.spells[who].highest = max(w.spells[who].highest, score)
	gone := now >= p.lost
	if gone && p.lostWatched() {
		if w.lossOf[who] < 0 {
			w.lossOf[who] = len(w.losses)
			w.losses = append(w.losses, loss{
				half: halfOf(who), silent: p.lost - state.Last(), first: now - p.lost,
				scores: []churn.Score{w.engine.model.Steady(state, p.lost)},
			})
		}
		l := &w.losses[w.lossOf[who]]
		l.scores = append(l.scores, score)
	}
	if now > watchEnd {
		return
	}
	if !gone {
		w.present[halfOf(who)] += float64(dayMS) / yearMS
	}
	if (now-simulationStart)%monthMS == 0 {
		w.months = append(w.months, skill.Row{Score: score.Risk(), Lost: gone, Who: uint32(who)})
	}
}

// take streams the events up to now in their order.
func (w *watcher) take(now int64) error {
	var events []Event
	for i := range w.people {
		p := &w.people[i]
		for ; p.next < len(p.events) && p.events[p.next] <= now; p.next++ {
			at := p.events[p.next]
			events = append(events, Event{Event: churn.Event{Time: at, Qualifying: true}, Clock: at, Customer: uint32(i)})
		}
	}
	slices.SortFunc(events, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Clock, b.Clock), cmp.Compare(a.Customer, b.Customer))
	})
	for i := range events {
		e := &events[i]
		w.end(int(e.Customer), e.Clock)
		if err := w.engine.take(e); err != nil {
			return err
		}
		score := w.engine.model.Steady(&w.engine.states[e.Customer], e.Clock)
		w.spells[e.Customer] = spell{score, score}
	}

	return nil
}

// end counts a silence that an event ends. Whatever alarm it has raised was
// false, because the customer is back: at every threshold above the risk with
// which it began, up to the highest.
func (w *watcher) end(who int, now int64) {
	state := &w.engine.states[who]
	if !state.Known() || now <= watchStart || now > watchEnd {
		return
	}
	s, half := w.spells[who], halfOf(who)
	s.highest = max(s.highest, w.engine.model.Steady(state, now))
	w.silences[half][min((now-state.Last())/dayMS, longestRule)]++
	if s.highest > s.begin {
		w.alarms[half][s.begin+1]++
		w.alarms[half][s.highest+1]--
	}
}

// falseAlarms are those of one half at a threshold.
func (w *watcher) falseAlarms(half int, threshold churn.Score) (count int32) {
	for s := range threshold + 1 {
		count += w.alarms[half][s]
	}

	return count
}

// threshold is the lowest from which on the half that sets it has few enough
// false alarms.
func (w *watcher) threshold() churn.Score {
	count, lowest := int32(0), churn.Certain
	for s := churn.Score(1); s <= churn.Certain; s++ {
		count += w.alarms[tuned][s]
		if float64(count) <= alarmsAllowed*w.present[tuned] {
			lowest = min(lowest, s)
		} else {
			lowest = churn.Certain
		}
	}

	return lowest
}

// silence is the least number of days at which the rule "silent for so long"
// has few enough false alarms.
func (w *watcher) silence() int64 {
	count := int32(0)
	for days := int64(longestRule); days >= 0; days-- {
		if count += w.silences[tuned][days]; float64(count) > alarmsAllowed*w.present[tuned] {
			return days + 1
		}
	}

	return 0
}

// delays of the detector in days, infinite where it never noticed.
func (w *watcher) delays(threshold churn.Score) (days []float64) {
	for _, l := range w.losses {
		if l.half != read {
			continue
		}
		days = append(days, l.delay(threshold))
	}

	return days
}

// delay is the time in days until the threshold is reached.
func (l *loss) delay(threshold churn.Score) float64 {
	at := slices.IndexFunc(l.scores, func(s churn.Score) bool { return s >= threshold })
	if at < 0 {
		return math.Inf(1)
	}
	if at == 0 {
		return 0
	}
	below, above := float64(l.scores[at-1]), float64(l.scores[at])
	part := (float64(threshold) - below) / (above - below)
	first := float64(l.first) / float64(dayMS)
	if at == 1 {
		return part * first
	}

	return first + float64(at-2) + part
}

// delaysOfRule are those of the rule "silent for so many days".
func (w *watcher) delaysOfRule(silence int64) (days []float64) {
	for _, l := range w.losses {
		if l.half == read {
			days = append(days, max(0, float64(silence)-float64(l.silent)/float64(dayMS)))
		}
	}

	return days
}
