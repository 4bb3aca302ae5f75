package shard

import (
	"ebb/pipeline/churn"
	"ebb/pipeline/customers"
	"ebb/pipeline/meaning"
	"ebb/pipeline/silence"
)

// detector says who is about to leave: the risk and level of every customer, the timer
// at which silence changes the level, and the sample that the model learns from.
type detector struct {
	model   *churn.Model
	driver  *churn.Driver
	sampler *churn.Sampler
	levels  [churn.Levels]int64

	believed churn.Event // the newest event of somebody who has joined, as it was taken; see follow

	at        *place
	customers *people
	feed      *feed
	signals   *signals
	counts    *Counts
	out       *outputs
}

// observe tells the churn model of an event. Most events only make a
// customer's next crossing later, so the timer stays where it is and is solved
// anew when it rings: there is no timer write per event.
func (d *detector) observe(index uint32, who *customers.Customer, event churn.Event) {
	d.believe(&who.Churn, &event)
	if event.Qualifying {
		d.sampler.Observe(event.Time)
	}
	known := who.Churn.Known()
	d.observed(index, &who.Churn, known, d.model.Observe(&who.Churn, event))
}

// observeLate takes an event beyond the lateness for a sign of life, and no more.
func (d *detector) observeLate(index uint32, event churn.Event) {
	state := &d.customers.At(index).Churn
	d.believe(state, &event)
	known := state.Known()
	d.observed(index, state, known, d.model.ObserveLate(state, event))
}

// merge gives a customer the history that they had as an anonymous one, until they said
// at a time who they are.
func (d *detector) merge(index uint32, history *churn.State, at int64) {
	state := &d.customers.At(index).Churn
	known := state.Known()
	d.observed(index, state, known, d.model.Merge(state, history, at))
}

// believe takes from an event what a scanner did, before anything hears of it.
func (d *detector) believe(state *churn.State, event *churn.Event) {
	if !d.model.Believe(state, event) {
		d.counts.Scanned++
	}
	if state.Joined() {
		d.believed = *event
	}
}

// observed settles a customer after the model has observed something of them.
func (d *detector) observed(index uint32, state *churn.State, known, sooner bool) {
	if !known && state.Known() {
		d.levels[state.Level()]++
	}
	if sooner || d.feed.held.has(index) {
		d.settle(index, state, d.at.clock)
	}
}

// settle applies the level changes that are due at a time and sets the timer
// to the next look. It leaves a customer alone whose signal is held.
func (d *detector) settle(index uint32, state *churn.State, at int64) {
	if d.feed.mayHold(at) && d.hold(index, state, at) {
		return
	}
	d.driver.Settle(d.model, index, state, at, func(change churn.Change) {
		d.levels[change.From]--
		d.levels[change.To]++
		d.signals.publishChange(d.model, index, state, change)
	})
}

// hold decides about a customer at a time whose feed may be silent, and reports
// whether to leave them alone.
func (d *detector) hold(index uint32, state *churn.State, at int64) bool {
	held, until := d.feed.held.has(index), d.feed.unheardUntil(state)
	switch {
	case !d.model.RaisesSilent(state, at):
		if held {
			d.counts.Dropped++
			d.feed.release(index, at)
		}
	case at < until:
		if !held {
			d.counts.Held++
			d.feed.held.add(index)
		}
		d.driver.Wait(index, state, until)

		return true
	case held:
		d.counts.Released++
		d.feed.release(index, at)
	}

	return false
}

// closeStep closes a step of the feed's watch at its end.
func (d *detector) closeStep(end int64) {
	until := end + max(d.model.Config().Dwell, silence.StepLength)
	began, ended := d.feed.closeStep(until)
	if began {
		d.forgetUnheard()
	}
	if ended {
		d.resume(until)
	}
}

// resume wakes those who are held without a reason now at the end of the grace:
// one more dwell, and at least a step of the watch, because some of them may be
// in the backlog that comes first: those who are in its older part, too, because
// late events are signs of life.
func (d *detector) resume(until int64) {
	d.feed.held.each(func(index uint32) {
		state := &d.customers.At(index).Churn
		if state.Timer() == churn.Never && !d.feed.silent(state) {
			d.driver.Wait(index, state, until)
		}
	})
}

// forgetUnheard keeps the model from learning that customers left whom nobody
// could hear: what becomes of them while their feed is silent is not known.
func (d *detector) forgetUnheard() {
	if d.feed.watch.AnySilent() {
		d.sampler.Forget(func(customer uint32) bool { return d.feed.silent(d.customers.state(customer)) })
	}
}

// sample draws the customers to learn from, once a learning step. It comes
// before the first record of the step.
func (d *detector) sample() {
	if d.sampler.Due(d.at.clock) {
		d.sampler.Draw(d.model, d.at.clock, d.customers.Count, d.customers.state)
		d.forgetUnheard()
		d.publishQuality()
	}
}

// learn takes over parameters, and reports whether risks have changed: then everybody
// is to be looked at anew, see reschedule.
func (d *detector) learn(parameters churn.Parameters) (changed bool) {
	changed = d.model.SetParameters(parameters)
	d.sampler.Learned(d.model.Parameters().Step)

	return changed
}

// reschedule solves every customer's next crossing anew, because the model has changed
// and a crossing may now come earlier. It gives back those who have left.
func (d *detector) reschedule() (gone []uint32) {
	d.driver.Timers.Reset()
	for index := range d.customers.Count {
		state := &d.customers.At(index).Churn
		if !state.Known() {
			continue
		}
		if d.customers.gone(index, d.at.clock) {
			gone = append(gone, index)

			continue
		}
		until := state.Timer()
		state.SetTimer(churn.Never)
		if d.feed.held.has(index) && until != churn.Never {
			d.driver.Wait(index, state, until) // for the feed, not for the model

			continue
		}
		d.settle(index, state, d.at.clock)
	}

	return gone
}

// reconfigure goes on with every customer's history under another model.
func (d *detector) reconfigure(model *churn.Model, from, to *meaning.Config) {
	if model.Horizon() != d.model.Horizon() {
		for index := range d.customers.Count {
			if !d.customers.Vacant(index) {
				model.CarryState(d.model, &d.customers.At(index).Churn, d.at.clock)
			}
		}
		d.sampler = d.sampler.Carry(model)
	}
	if to.Currency != "" && to.Currency != from.Currency {
		only := churn.CurrencyOf([]byte(to.Currency))
		for index := range d.customers.Count {
			if !d.customers.Vacant(index) && !d.customers.state(index).Pays(only) {
				d.customers.At(index).Churn.KeepPurse(only)
			}
		}
	}
	d.model = model
}

// leave takes a customer out of the levels and the timers.
func (d *detector) leave(index uint32) {
	if state := d.customers.state(index); state.Known() {
		d.levels[state.Level()]--
	}
	d.driver.Leave(index)
}

// statistics are what the coordinator fits the rates from.
func (d *detector) statistics() churn.Statistics {
	var sum churn.Statistics
	for index := range d.customers.Count {
		if state := d.customers.state(index); state.Known() {
			sum.Add(d.model, state, d.at.clock)
		}
	}
	sum.Week = d.sampler.Week()

	return sum
}

// countLevels derives what a snapshot need not say twice.
func (d *detector) countLevels() {
	for index := range d.customers.Count {
		if state := d.customers.state(index); state.Known() {
			d.levels[state.Level()]++
		}
	}
}
