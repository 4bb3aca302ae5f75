package backtest

import (
	"context"

	"ebb/pipeline/churn"
	"ebb/pipeline/coordinate"
	"ebb/pipeline/fact"
)

// Change is one change of a customer's level. Value is what the customer was
// worth then, where the change raises to at_risk; see churn.Model.Value.
type Change struct {
	Customer uint32
	Currency churn.Currency
	Value    float64
	churn.Change
}

// engine is a shard's churn part for the only partition: the same calls in the
// same order, by the clock of the log, with the same driver of levels and timers.
type engine struct {
	model       *churn.Model
	states      []churn.State // by customer
	driver      *churn.Driver
	sampler     *churn.Sampler
	coordinator *coordinate.Coordinator
	clock       int64
	changes     []Change        // in the order in which they came
	ladder      *ladder         // what they would be at other thresholds; nil for nobody
	learned     func(churn.Row) // told every complete row that the coordinator has learned from; nil for nobody
}

func newEngine(config churn.Config, customers int, first int64) (*engine, error) {
	model, err := churn.NewModel(config)
	if err != nil {
		return nil, err
	}

	e := &engine{
		model:       model,
		states:      make([]churn.State, customers),
		sampler:     churn.NewSampler(model, 1),
		coordinator: coordinate.NewCoordinator(1, config.Prior),
		clock:       first,
	}
	e.driver = churn.NewDriver(e.state)

	return e, nil
}

// stream takes a whole log, and tells how many of its events it has taken.
func (e *engine) stream(ctx context.Context, log *Log, progress func(done uint64)) error {
	for i := range log.Events {
		if i%progressRows == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			progress(uint64(i))
		}
		if err := e.take(&log.Events[i]); err != nil {
			return err
		}
	}

	return e.advance(log.Last)
}

// take brings the clock to that of the event, and then the event. One that comes
// late is a sign of life, and no more.
func (e *engine) take(event *Event) error {
	if err := e.advance(event.Clock); err != nil {
		return err
	}
	state := &e.states[event.Customer]
	if e.ladder != nil {
		e.ladder.climb(event.Customer, state, e.clock)
	}
	sooner := false
	switch {
	case !event.Late:
		if event.Qualifying {
			e.sampler.Observe(event.Time)
		}
		sooner = e.model.Observe(state, event.Event)
	case e.model.TakesLate(state, event.Time, e.clock):
		sooner = e.model.ObserveLate(state, event.Event)
	}
	if sooner {
		e.settle(event.Customer, e.clock)
	}

	return nil
}

// advance moves the clock. On the way every customer is settled whose time
// comes, and at the beginning of every learning step the coordinator learns.
func (e *engine) advance(to int64) error {
	slot := e.model.Slot()
	for next := (e.clock/slot + 1) * slot; next <= to; next = (e.clock/slot + 1) * slot {
		e.fire(next)
		e.sampler.Draw(e.model, e.clock, uint32(len(e.states)), e.state)
		if err := e.coordinate(); err != nil {
			return err
		}
	}
	e.fire(to)

	return nil
}

func (e *engine) state(customer uint32) *churn.State { return &e.states[customer] }

func (e *engine) fire(to int64) {
	e.clock = max(e.clock, to)
	for {
		customer, at, ok := e.driver.Due(e.clock)
		if !ok {
			return
		}
		e.settle(customer, at)
	}
}

// settle applies the changes of level that are due and sets the timer.
func (e *engine) settle(customer uint32, at int64) {
	state := e.state(customer)
	e.driver.Settle(e.model, customer, state, at, func(change churn.Change) {
		e.changes = append(e.changes, e.changed(customer, state, change))
	})
}

// changed is a change of level that was just applied.
func (e *engine) changed(customer uint32, state *churn.State, change churn.Change) Change {
	c := Change{Customer: customer, Change: change}
	if change.Raised && change.To == churn.AtRisk {
		c.Value, c.Currency = e.model.Value(state), state.Currency()
	}

	return c
}

// coordinate reports statistics and takes the answer, as a shard does by way
// of the coordinator.
func (e *engine) coordinate() error {
	step := e.model.Step(e.clock)
	rows := e.sampler.Report(e.model, e.clock, e.state)
	report := fact.StatisticsReport{
		Schema: 2, Coordinate: uint64(step), Clock: e.clock, Step: step,
		Parameters: *e.model.Parameters(), Rows: churn.AppendRows(nil, rows),
	}
	for c := range e.states {
		report.Statistics.Add(e.model, &e.states[c], e.clock)
	}
	report.Statistics.Week = e.sampler.Week()
	answer, ok, err := e.coordinator.Offer(report, false)
	if err != nil || !ok {
		return err
	}
	if e.ladder != nil {
		e.ladder.climbAll(e.states, e.clock)
	}
	changed := e.model.SetParameters(answer.Parameters)
	e.sampler.Learned(e.model.Parameters().Step)
	if e.learned != nil {
		for _, row := range rows {
			if row.Outcome.Complete() {
				e.learned(row)
			}
		}
	}
	if changed {
		e.reschedule()
	}

	return nil
}

// reschedule settles every customer anew, because risks have changed. Customers
// have nothing to do with each other, so all processors share them; what
// follows is put together in the order of the customers.
func (e *engine) reschedule() {
	e.driver.Timers.Reset()
	changes := make([][]Change, partsOf(len(e.states)))
	inParts(len(e.states), func(part, from, until int) {
		for c := from; c < until; c++ {
			state := &e.states[c]
			if !state.Known() {
				continue
			}
			e.model.Changes(state, e.clock, func(change churn.Change) {
				changes[part] = append(changes[part], e.changed(uint32(c), state, change))
			})
			state.SetTimer(e.model.NextLook(state, e.clock))
		}
	})
	for _, part := range changes {
		e.changes = append(e.changes, part...)
	}
	for c := range e.states {
		if state := &e.states[c]; state.Known() {
			e.driver.Set(uint32(c), state)
		}
	}
}
