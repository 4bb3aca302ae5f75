package shard

import (
	"math"

	"ebb/pipeline/churn"
	"ebb/pipeline/customers"
)

// observe tells the churn model of an event. Most events only make a
// customer's next crossing later, so the timer stays where it is and is solved
// anew when it rings: there is no timer write per event.
func (s *Shard) observe(index uint32, who *customers.Customer, event churn.Event) {
	s.believe(&who.Churn, &event)
	if event.Qualifying {
		s.sampler.Observe(event.Time)
	}
	s.observed(index, &who.Churn, func(state *churn.State) bool { return s.model.Observe(state, event) })
}

// believe takes from an event what a scanner did, before anything hears of it.
func (s *Shard) believe(state *churn.State, event *churn.Event) {
	if !s.model.Believe(state, event) {
		s.counts.Scanned++
	}
}

// observed settles a customer after the model has observed something of them.
func (s *Shard) observed(index uint32, state *churn.State, observe func(*churn.State) bool) {
	known := state.Known()
	sooner := observe(state)
	if !known && state.Known() {
		s.levels[state.Level()]++
	}
	if sooner || s.held.has(index) {
		s.settle(index, state, s.clock)
	}
}

// fireTimers settles every customer whose time has come by now, in the order of
// the times, so that silence crosses a threshold when the model says so.
func (s *Shard) fireTimers(now int64) {
	for {
		index, at, ok := s.timers.Due(now)
		if !ok {
			return
		}
		state := &s.customers.At(index).Churn
		switch {
		case state.Timer() != at:
		case s.gone(index, at):
			s.leave(at, index)
		default:
			s.settle(index, state, at)
		}
	}
}

// settle applies the level changes that are due at a time and sets the timer
// to the next. It leaves a customer alone whose signal is held.
func (s *Shard) settle(index uint32, state *churn.State, at int64) {
	if s.holding(at) && s.hold(index, state, at) {
		return
	}
	for {
		change, ok := s.model.Evaluate(state, at)
		if !ok {
			break
		}
		s.levels[change.From]--
		s.levels[change.To]++
		s.publishSignal(index, state, change)
	}
	s.schedule(index, state, at)
}

func (s *Shard) schedule(index uint32, state *churn.State, now int64) {
	next := s.model.NextLook(state, now)
	if next == state.Timer() {
		return
	}
	state.SetTimer(next)
	if next != math.MaxInt64 {
		s.timers.Schedule(index, next)
	}
}

// sample draws the customers to learn from, once a learning step. It comes
// before the first record of the step.
func (s *Shard) sample() {
	if s.sampler.Due(s.clock) {
		s.sampler.Draw(s.model, s.clock, s.customers.Count, s.stateOf)
		s.forgetUnheard()
		s.publishQuality()
	}
}

// forgetUnheard keeps the model from learning that customers left whom nobody
// could hear: what becomes of them while their feed is silent is not known.
func (s *Shard) forgetUnheard() {
	if s.feed.AnySilent() {
		s.sampler.Forget(func(customer uint32) bool { return s.silent(s.stateOf(customer)) })
	}
}

// stateOf is for looking only: where all customers are looked at, nothing is to
// be copied that is being encoded.
func (s *Shard) stateOf(index uint32) *churn.State { return &s.customers.Peek(index).Churn }

// reschedule solves every customer's next crossing anew, because the model's
// parameters have changed and a crossing may now come earlier.
func (s *Shard) reschedule() {
	s.timers.Reset()
	var gone []uint32
	for index := range s.customers.Count {
		state := &s.customers.At(index).Churn
		if !state.Known() {
			continue
		}
		if s.gone(index, s.clock) {
			gone = append(gone, index)

			continue
		}
		until := state.Timer()
		state.SetTimer(math.MaxInt64)
		if s.held.has(index) && until != math.MaxInt64 {
			s.wait(index, state, until) // for the feed, not for the model

			continue
		}
		s.settle(index, state, s.clock)
	}
	s.leave(s.clock, gone...)
}

// statistics are what the coordinator fits the rates from.
func (s *Shard) statistics() churn.Statistics {
	var sum churn.Statistics
	for index := range s.customers.Count {
		if state := s.stateOf(index); state.Known() {
			sum.Add(s.model, state, s.clock)
		}
	}
	sum.Week = s.sampler.Week()

	return sum
}
