package churn

// Driver moves customers through their levels as time passes, with one timer for
// each: when it rings, the changes of level that are due are applied, and the timer is
// set to the next look, which is solved ahead. So nobody has to be asked again and
// again whether their silence has grown too long.
//
// A shard and the backtest both drive their customers with it, so that what one finds
// is what the other does. Where the states are, and who is not to be looked at now, is
// theirs to say: every state that it is given is that of the customer beside it.
//
// It is one goroutine's.
type Driver struct {
	Timers *Timers // of the customers whose level will change in silence

	state func(customer uint32) *State
}

// NewDriver returns a driver of nobody yet. state gives the state of a customer, for
// looking only.
func NewDriver(state func(customer uint32) *State) *Driver {
	return &Driver{Timers: NewTimers(), state: state}
}

// Due gives the next customer whose time has come by now, and that time. The order is
// that of the times, and then of the customers. Whoever is given has no timer any
// more: settle them, or let them wait.
func (d *Driver) Due(now int64) (customer uint32, at int64, ok bool) {
	for {
		customer, at, ok = d.Timers.Due(now)
		if !ok || d.state(customer).Timer() == at {
			return customer, at, ok
		}
	}
}

// Settle applies the changes of level that are due at a time, tells of each, and sets
// the timer to the next look.
func (d *Driver) Settle(m *Model, customer uint32, s *State, at int64, told func(Change)) {
	next, calm := m.calmUntil(s, at)
	if !calm {
		m.Changes(s, at, told)
		next = m.NextLook(s, at)
	}
	if next == s.Timer() {
		return
	}
	s.SetTimer(next)
	d.Set(customer, s)
}

// Set puts a timer in force that the state has been given, unless it is Never.
func (d *Driver) Set(customer uint32, s *State) {
	if at := s.Timer(); at != Never {
		d.Timers.Schedule(customer, at)
	}
}

// Wait lets a customer be looked at then, whatever the model says; Never is not before
// something else sets their timer.
func (d *Driver) Wait(customer uint32, s *State, until int64) {
	s.SetTimer(until)
	d.Timers.Schedule(customer, until)
}

// Leave drops the timer of a customer who is gone.
func (d *Driver) Leave(customer uint32) { d.Timers.Schedule(customer, Never) }

// Changes applies the changes of level that are due at a time, one after another, and
// tells of each.
func (m *Model) Changes(s *State, at int64, told func(Change)) {
	for {
		change, ok := m.Evaluate(s, at)
		if !ok {
			return
		}
		told(change)
	}
}
