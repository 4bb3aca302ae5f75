package backtest

import (
	"math"
	"slices"
	"testing"

	"ebb/pipeline/churn"
)

// simulatedLog is people who come and leave, of whom some come daily and some
// twice a horizon.
func simulatedLog(customers int, regularity float64, seed uint64) *Log {
	people := simulatePeople(DelayConfig{Churn: churn.Defaults(), Customers: customers, Regularity: regularity, GapSpread: 1, Seed: seed})
	log := &Log{Customers: make([]string, customers)}
	for c := range people {
		for _, at := range people[c].events {
			log.Events = append(log.Events, Event{Event: churn.Event{Time: at, Qualifying: true}, Clock: at, Customer: uint32(c)})
		}
	}
	slices.SortFunc(log.Events, func(a, b Event) int { return int(a.Clock - b.Clock) })
	log.Events = log.Events[:sortedUntil(log, simulationStart+400*dayMS)]
	log.First, log.Last = log.Events[0].Clock, log.Events[len(log.Events)-1].Clock

	return log
}

func sortedUntil(log *Log, until int64) int {
	n, _ := slices.BinarySearchFunc(log.Events, until, func(e Event, t int64) int { return int(e.Clock - t) })

	return n
}

// What churn.in_time says is what comes: of the silences that last a horizon, this
// share is told of before 0.6 of it. The silences of those who come every day are
// many, and of those who come once a month few; each counts as a loss as often as
// it is one.
func TestTheShareInTimeIsWhatWasAskedFor(t *testing.T) {
	log := simulatedLog(800, 0.3, 5)
	for _, inTime := range []float64{0.2, 0.35, 0.5} {
		config := churn.Defaults()
		config.InTime = inTime
		e, err := newEngine(config, len(log.Customers), log.First)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.stream(t.Context(), log, func(uint64) {}); err != nil {
			t.Fatal(err)
		}
		signals := newJudge(truthOf(log), e.changes, len(log.Customers), log.First+2*config.Horizon, log.Last, config.Horizon).signals()
		if signals.Losses < 1_000 {
			t.Errorf("there were %d losses, too few to tell a share of them", signals.Losses)
		}
		if got := float64(signals.RecallInTime); !(math.Abs(got-inTime) <= 0.05) {
			t.Errorf("asked for %v of the losses in time, got %.3f of %d", inTime, got, signals.Losses)
		}
	}
}
