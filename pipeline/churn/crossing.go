package churn

import "math"

// NextCrossing is the first millisecond from now on at which Evaluate would
// change the level if nothing more came, or Never. Never includes everything
// from the year 2200 on.
//
// In silence the score only grows, so a level can be cleared only at the
// first moment at which that is allowed, and a threshold is crossed once. The
// crossing is estimated in closed form and then settled on the millisecond
// with the very scores that Evaluate uses.
func (m *Model) NextCrossing(s *State, now int64) int64 {
	if !s.Known() {
		return Never
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
	if s.level == Lapsed {
		return Never
	}
	from := max(now, m.raisableFrom(s))
	switch {
	case m.raises(s, from):
		return from
	case from >= MaxTime || !m.raises(s, MaxTime):
		return Never
	}

	return m.settle(s, from, MaxTime, m.estimate(s, m.raise[s.level+1]))
}

// settle finds the first millisecond in (below, above] that raises the level,
// given that below does not and above does. It brackets the estimate in
// growing steps and bisects.
func (m *Model) settle(s *State, below, above, estimate int64) int64 {
	probe := min(max(estimate, below+1), above-1)
	for step := int64(1); above-below > 1; step *= 8 {
		if m.raises(s, probe) {
			above = probe
			probe = max(probe-step, below+1)
		} else {
			below = probe
			probe = min(probe+step, above-1)
		}
		if above-below <= step {
			break
		}
	}
	for above-below > 1 {
		middle := below + (above-below)/2
		if m.raises(s, middle) {
			above = middle
		} else {
			below = middle
		}
	}

	return above
}

// estimate is about the time at which the score is rounded up to a threshold:
// Newton's method for the log-odds of the risk as a function of the logarithm
// of A + u, in which it is nearly straight.
func (m *Model) estimate(s *State, threshold Score) int64 {
	const (
		rounds    = 8
		precision = 1e-9 // of the logarithm of a time
		step      = 1e-5
	)
	h := m.history(s, s.last)
	target := logOdds((float64(threshold) - 0.5) / float64(Certain))
	known := m.population.Rate + h.exposure
	at := func(x float64) float64 {
		h.silence = max(0, math.Exp(x)-known)

		return logOdds(m.population.risk(h)) - target
	}

	x := math.Log(known + 1)
	for range rounds {
		value := at(x)
		slope := (at(x+step) - value) / step
		if !(slope > 0) {
			break
		}
		move := min(max(-value/slope, -1), 1)
		x = max(x+move, math.Log(known))
		if math.Abs(move) < precision {
			break
		}
	}
	silence := (math.Exp(x) - known) / m.perUnit
	if !(silence < MaxTime) {
		return MaxTime
	}

	return s.last + int64(silence)
}

func logOdds(p float64) float64 { return math.Log(p) - math.Log1p(-p) }
