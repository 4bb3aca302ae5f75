package churn

import "math"

// NextLook is when the owner has to look at the customer again: at most
// NextCrossing. A customer who has not been silent for long enough to be raised
// is looked at when that will be so, without solving for anything, because most
// come back before.
func (m *Model) NextLook(s *State, now int64) int64 {
	if s.Known() && s.level == Healthy && !s.Left() {
		if from := m.raisableFrom(s); now < from && from <= MaxTime {
			return from
		}
	}

	return m.NextCrossing(s, now)
}

// NextCrossing is the first millisecond from now on at which Evaluate would
// change the level if nothing more came, or Never. Never includes everything
// from the year 2201 on.
//
// In silence the steady score only grows, so a level can be cleared only at the
// first moment at which that is allowed, and a threshold is crossed once. The
// crossing is estimated in closed form and then settled on the millisecond
// with the very scores that Evaluate uses.
func (m *Model) NextCrossing(s *State, now int64) int64 {
	switch {
	case !s.Known():
		return Never
	case s.Left() && s.level != Lapsed:
		return now
	}
	next := m.nextRaise(s, now)
	if s.level != Healthy {
		if clearable := max(now, m.clearableFrom(s)); clearable < next && m.clears(s, clearable) {
			next = clearable
		}
	}

	return next
}

func (m *Model) nextRaise(s *State, now int64) int64 {
	from := max(now, m.raisableFrom(s))
	switch {
	case s.level == Lapsed || from > MaxTime:
		return Never
	case s.level == AtRisk:
		return from
	}
	c := crossing{silent: m.look(s), threshold: m.raise[s.level+1]}
	switch {
	case c.reached(from):
		return from
	case !c.reached(MaxTime):
		return Never
	}

	return c.settle(from, MaxTime, c.estimate(from))
}

// crossing is the search for the time at which one customer's score reaches a
// threshold in silence.
type crossing struct {
	silent
	threshold Score
}

// reached computes the score as Steady does, to the last bit.
func (c *crossing) reached(at int64) bool { return c.score(at) >= c.threshold }

// settle finds the first millisecond in (below, above] that reaches the
// threshold, given that below does not and above does. It brackets the
// estimate in growing steps and bisects.
func (c *crossing) settle(below, above, estimate int64) int64 {
	probe := min(max(estimate, below+1), above-1)
	if c.reached(probe) {
		above = probe
		for step := int64(1); above-below > 1; step *= 8 {
			probe = max(above-step, below+1)
			if !c.reached(probe) {
				below = probe

				break
			}
			above = probe
		}
	} else {
		below = probe
		for step := int64(1); above-below > 1; step *= 8 {
			probe = min(below+step, above-1)
			if c.reached(probe) {
				above = probe

				break
			}
			below = probe
		}
	}
	for above-below > 1 {
		middle := below + (above-below)/2
		if c.reached(middle) {
			above = middle
		} else {
			below = middle
		}
	}

	return above
}

// estimate is about the time after from at which the score is rounded up to
// the threshold: the secant method for the log-odds of the risk as a function
// of the logarithm of the silence, in which they are nearly straight.
func (c *crossing) estimate(from int64) int64 {
	const (
		rounds    = 12
		precision = 1e-7 // of the logarithm of a time; the next error is far less
		first     = 0.1
		farthest  = 2
	)
	m, last := c.model, c.state.last
	target := logOdds((float64(c.threshold) - 0.5) / float64(Certain))
	at := func(x float64) float64 { return float64(last) + (math.Exp(x)-recencyFloor)/m.perUnit }
	excess := func(x float64) float64 { return c.steady(int64(min(at(x), MaxTime))) - target }

	before := math.Log(max(0, float64(from-last)*m.perUnit) + recencyFloor)
	x := before + first
	was, is := excess(before), excess(x)
	for range rounds {
		move := -is * (x - before) / (is - was)
		if !(math.Abs(move) < farthest) {
			move = math.Copysign(farthest, -is)
		}
		before, was = x, is
		x += move
		if math.Abs(move) < precision {
			break
		}
		is = excess(x)
	}

	return int64(min(max(at(x), 0), MaxTime))
}
