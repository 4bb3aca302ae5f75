package backtest

import (
	"math"

	"ebb/pipeline"
	"ebb/pipeline/churn"
)

// Change is one change of a customer's level.
type Change struct {
	Customer uint32
	churn.Change
}

// engine is a shard's churn part for the only partition: the same calls in the
// same order, by the clock of the log.
type engine struct {
	model       *churn.Model
	states      []churn.State // by customer
	timers      *churn.Timers
	coordinator *pipeline.Coordinator
	interval    int64 // ms of the clock between fits
	fitted      int64 // number of the last interval with a fit
	clock       int64
	changes     []Change // in the order in which they came
}

func newEngine(config churn.Config, customers int, interval, first int64) (*engine, error) {
	model, err := churn.NewModel(config)
	if err != nil {
		return nil, err
	}

	return &engine{
		model:       model,
		states:      make([]churn.State, customers),
		timers:      churn.NewTimers(),
		coordinator: pipeline.NewCoordinator(1),
		interval:    interval,
		fitted:      first / interval,
		clock:       first,
	}, nil
}

// take brings the clock to that of the event, and then the event, if it comes
// in time.
func (e *engine) take(event *Event) error {
	if err := e.advance(event.Clock); err != nil {
		return err
	}
	if event.Late {
		return nil
	}
	if e.model.Observe(&e.states[event.Customer], event.Time, event.Qualifying) {
		e.settle(event.Customer, e.clock)
	}

	return nil
}

// advance moves the clock. On the way every customer is settled whose time
// comes, and the coordinator fits the population at the beginning of every
// interval.
func (e *engine) advance(to int64) error {
	for next := (e.fitted + 1) * e.interval; next <= to; next = (e.fitted + 1) * e.interval {
		e.fire(next)
		e.fitted++
		if err := e.coordinate(); err != nil {
			return err
		}
	}
	e.fire(to)

	return nil
}

func (e *engine) fire(to int64) {
	e.clock = max(e.clock, to)
	for {
		customer, at, ok := e.timers.Due(e.clock)
		if !ok {
			return
		}
		if e.states[customer].Timer() == at {
			e.settle(customer, at)
		}
	}
}

// settle applies the changes of level that are due and sets the timer.
func (e *engine) settle(customer uint32, at int64) {
	state := &e.states[customer]
	for {
		change, ok := e.model.Evaluate(state, at)
		if !ok {
			break
		}
		e.changes = append(e.changes, Change{customer, change})
	}
	next := e.model.NextCrossing(state, at)
	if next == state.Timer() {
		return
	}
	state.SetTimer(next)
	if next != churn.Never {
		e.timers.Schedule(customer, next)
	}
}

// coordinate reports statistics and takes the answer, as a shard does by way
// of the coordinator.
func (e *engine) coordinate() error {
	report := pipeline.StatisticsReport{
		Schema: 1, Coordinate: uint64(e.fitted), Model: e.model.Population().Version, Clock: e.clock,
	}
	for c := range e.states {
		report.Statistics.Add(e.model, &e.states[c], e.clock)
	}
	answer, ok, err := e.coordinator.Offer(report)
	if err != nil || !ok || !e.model.SetPopulation(answer.Population) {
		return err
	}
	e.timers.Reset()
	for c := range e.states {
		if state := &e.states[c]; state.Known() {
			state.SetTimer(math.MaxInt64)
			e.settle(uint32(c), e.clock)
		}
	}

	return nil
}

// fitInterval is how much of the clock lies between fits: a slot of the model,
// an eighth of the horizon, in which a population hardly changes; and at most
// a thousand fits in all.
func fitInterval(horizon, span int64) int64 {
	const slots, mostFits = 8, 1000

	return max(horizon/slots, span/mostFits)
}
