package churn

import "math"

// lookSteps is how many learning steps ahead NextLook looks. A step brings new
// parameters, for which all are looked at anyway: what is further away would be
// solved in vain. Two, so that the step comes first.
const lookSteps = 2

// NextLook is when the owner has to look at the customer again: at most
// NextCrossing. A customer who has not been silent for long enough to be raised
// is looked at when that will be so, without solving for anything, because most
// come back before. One whose risk will not be high enough within the next
// learning steps is looked at then, at the same time as all others. So what is
// solved is what comes soon.
func (m *Model) NextLook(s *State, now int64) int64 {
	if !s.Known() || s.level >= AtRisk || s.Left() {
		return m.NextCrossing(s, now)
	}

	return m.clearBefore(s, now, m.nextRaiseSoon(s, now))
}

// calmUntil is NextLook of a healthy customer for whom Changes would do nothing, if that
// can be told from the risk at that look alone: in silence it only grows, so where it is
// clearly below the threshold then, it is so now. After new parameters all customers are
// looked at, of whom most are such.
func (m *Model) calmUntil(s *State, now int64) (next int64, calm bool) {
	if !s.Known() || s.level != Healthy || s.Left() || now < m.raisableFrom(s) {
		return 0, false
	}
	until := m.learnedBy(now)
	if until >= MaxTime {
		return 0, false
	}
	c := m.crossing(s)

	return until, c.steady(until) < c.target-clearly
}

// learnedBy is when the parameters will have been learned a few times from now on.
func (m *Model) learnedBy(now int64) int64 { return (m.Step(now) + lookSteps) * m.slot }

func (m *Model) nextRaiseSoon(s *State, now int64) int64 {
	switch from := m.raisableFrom(s); {
	case max(now, from) > MaxTime:
		return Never
	case now < from:
		return from
	}
	c := m.crossing(s)
	until := m.learnedBy(now)
	if until >= MaxTime {
		return c.after(now)
	}
	late := c.steady(until)
	if !c.exceeds(late) {
		return until
	}
	soon := c.steady(now)
	if c.exceeds(soon) {
		return now
	}

	return c.settle(now, until, c.between(now, until, soon, late))
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

	return m.clearBefore(s, now, m.nextRaise(s, now))
}

// clearBefore is the time at which the level is cleared if that is before next,
// else next.
func (m *Model) clearBefore(s *State, now, next int64) int64 {
	if s.level == Healthy {
		return next
	}
	if clearable := max(now, m.clearableFrom(s)); clearable < next && m.clears(s, clearable) {
		return clearable
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
	c := m.crossing(s)

	return c.after(from)
}

// crossing is the search for the time at which one customer's score reaches a
// threshold in silence.
type crossing struct {
	silent
	threshold Score
	target    float64 // the log-odds at which the score is rounded up to it
}

// crossing of a customer to the next level, which has a threshold.
func (m *Model) crossing(s *State) crossing {
	look := m.look(s)
	threshold := look.raiseAt(s.level + 1)

	return crossing{silent: look, threshold: threshold, target: look.targetOf(s.level+1, threshold)}
}

// clearly is how far from the target log-odds are beyond all doubt. They are
// exact to some 1e-13, and so far from it that the score differs by a hundred
// times the error of its own formula.
const clearly = 1e-8

// exceeds says whether these log-odds make a score of the threshold, as Steady
// has it, to the last bit.
func (c *crossing) exceeds(z float64) bool {
	switch {
	case z > c.target+clearly:
		return true
	case z < c.target-clearly:
		return false
	}

	return quantize(sigmoid(z)) >= c.threshold
}

// reached says whether the score has reached the threshold.
func (c *crossing) reached(at int64) bool { return c.exceeds(c.steady(at)) }

// after is the first millisecond from a time on that reaches the threshold.
func (c *crossing) after(from int64) int64 {
	switch {
	case c.reached(from):
		return from
	case !c.reached(MaxTime):
		return Never
	}

	return c.settle(from, MaxTime, c.estimate(from))
}

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
// the threshold.
func (c *crossing) estimate(from int64) int64 {
	const first = 0.1
	before := c.scale(from)
	x := before + first

	return c.secant(before, x, c.excess(before), c.excess(x))
}

// between is an estimate for which the log-odds at two times are known.
func (c *crossing) between(from, until int64, soon, late float64) int64 {
	return c.secant(c.scale(from), c.scale(until), soon-c.target, late-c.target)
}

// scale is the logarithm of the silence.
func (c *crossing) scale(at int64) float64 {
	return math.Log(max(0, float64(at-c.state.last)*c.model.perUnit) + recencyFloor)
}

// time is the opposite of scale.
func (c *crossing) time(x float64) float64 {
	return float64(c.state.last) + (math.Exp(x)-recencyFloor)/c.model.perUnit
}

// excess is how far the log-odds are above the target.
func (c *crossing) excess(x float64) float64 {
	return c.steady(int64(min(c.time(x), MaxTime))) - c.target
}

// secant is the secant method for the log-odds of the risk as a function of
// the logarithm of the silence, in which they are nearly straight. It begins at
// two points and their excess.
func (c *crossing) secant(before, x, was, is float64) int64 {
	const (
		rounds    = 12
		precision = 1e-7 // of the logarithm of a time; the next error is far less
		farthest  = 2
	)
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
		is = c.excess(x)
	}

	return int64(min(max(c.time(x), 0), MaxTime))
}
