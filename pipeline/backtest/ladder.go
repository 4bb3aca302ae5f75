package backtest

import (
	"runtime"
	"sync"

	"ebb/pipeline/churn"
)

// ladder follows what the signals would be at other thresholds, while the log
// goes through. Parameters don't depend on thresholds, so one way is enough.
type ladder struct {
	*churn.Ladder
	holds   []churn.Foothold // by customer and rung
	climbed []int64          // by customer: up to when
	changes [][]Change       // by rung
}

func newLadder(model *churn.Model, thresholds []float64, customers int) *ladder {
	l := &ladder{Ladder: churn.NewLadder(model, thresholds), changes: make([][]Change, len(thresholds))}
	l.holds = make([]churn.Foothold, customers*len(thresholds))
	l.climbed = make([]int64, customers)

	return l
}

// climb brings a customer up to a time, before something of them changes.
func (l *ladder) climb(customer uint32, state *churn.State, to int64) {
	l.changes = l.climbing(l.changes, customer, state, to)
}

func (l *ladder) climbing(changes [][]Change, customer uint32, state *churn.State, to int64) [][]Change {
	rungs := l.Rungs()
	holds := l.holds[int(customer)*rungs:][:rungs]
	l.Climb(state, holds, l.climbed[customer], to, func(rung int, change churn.Change) {
		changes[rung] = append(changes[rung], Change{Customer: customer, Change: change})
	})
	l.climbed[customer] = to

	return changes
}

// climbAll brings all customers up to a time, before parameters change.
func (l *ladder) climbAll(states []churn.State, to int64) {
	parts := make([][][]Change, partsOf(len(states)))
	inParts(len(states), func(part, from, until int) {
		parts[part] = make([][]Change, l.Rungs())
		for c := from; c < until; c++ {
			parts[part] = l.climbing(parts[part], uint32(c), &states[c], to)
		}
	})
	for _, part := range parts {
		for rung, changes := range part {
			l.changes[rung] = append(l.changes[rung], changes...)
		}
	}
}

// partsOf is into how many parts so many customers are cut, one a processor.
func partsOf(customers int) int {
	size := partSize(customers)

	return (customers + size - 1) / size
}

func partSize(customers int) int {
	return max((customers+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0), 1)
}

// inParts does something with each part of the customers, side by side: they have
// nothing to do with each other.
func inParts(customers int, do func(part, from, until int)) {
	size := partSize(customers)
	var group sync.WaitGroup
	for part := range partsOf(customers) {
		group.Go(func() { do(part, part*size, min((part+1)*size, customers)) })
	}
	group.Wait()
}
