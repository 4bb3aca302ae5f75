package churn

// Ladder watches customers as a Model does that raises at_risk at another
// threshold: at several of them at once, because what costs is the risk, and that
// is the same. It is for judging thresholds over a history; see Climb.
type Ladder struct {
	model *Model
	rungs []rung // ascending
}

// rung is a threshold.
type rung struct {
	raise, clear Score
	target       float64 // as Model.target
}

// Foothold is what a Ladder keeps of one customer on one rung: since when at_risk
// or lapsed was raised, and which of both it is, or Cooling for neither. The zero
// Foothold is neither.
type Foothold int64

func foothold(since int64, level Level) Foothold { return Foothold(since<<2 | int64(level)) }

func (f Foothold) level() Level { return Level(f & 3) }

func (f Foothold) since() int64 { return int64(f >> 2) }

// NewLadder returns a ladder of thresholds, which ascend, for a model: its
// configuration with another Config.AtRiskAt, a margin of at most half of it, and
// a CoolingAt below it.
func NewLadder(m *Model, thresholds []float64) *Ladder {
	l := &Ladder{model: m}
	for _, at := range thresholds {
		raise := quantize(at)
		l.rungs = append(l.rungs, rung{
			raise: raise, clear: quantize(at - min(m.config.AtRiskMargin, at/2)), target: targetOf(raise),
		})
	}

	return l
}

// Rungs is how many thresholds there are.
func (l *Ladder) Rungs() int { return len(l.rungs) }

// Climb goes through a time from one millisecond to another, both included, in
// which nothing of the customer came and no parameters changed. It tells every
// change to at_risk or from it that Model.Evaluate would make in it at each of the
// thresholds. What comes at the very end is taken after it.
func (l *Ladder) Climb(s *State, holds []Foothold, from, to int64, tell func(rung int, change Change)) {
	if !s.Known() {
		return
	}
	c := climber{Ladder: l, state: s, from: from, to: to, tell: tell}
	for i := range holds {
		c.on(i, &holds[i])
	}
}

// climber is one customer's. Log-odds at both ends are computed once for all rungs.
type climber struct {
	*Ladder
	state    *State
	from, to int64
	tell     func(rung int, change Change)

	look   silent
	looked bool
	ends   [2]struct { // at from and to
		logOdds float64
		known   bool
	}
	below bool // at the end the risk is below a threshold, so below all that follow
}

// on goes through the time on one rung.
func (c *climber) on(i int, hold *Foothold) {
	s, at := c.state, c.from
	to := func(level Level, since int64) {
		change := Change{From: hold.level(), To: level, At: at, Raised: level > hold.level()}
		if level == AtRisk && change.Raised {
			change.Score = c.look.score(at)
		}
		*hold = foothold(since, level)
		c.tell(i, change)
	}
	for {
		switch {
		case s.Left():
			if hold.level() != Lapsed {
				to(Lapsed, at)
			}

			return
		case hold.level() == Lapsed:
			at = max(at, hold.since()+c.model.config.Dwell)
			if at > c.to || at >= s.last+c.model.config.Horizon {
				return
			}
			to(AtRisk, hold.since())
		case hold.level() == AtRisk:
			clearable := max(at, hold.since()+c.model.config.Dwell)
			lapses := max(at, max(hold.since(), s.last)+c.model.config.Horizon)
			switch {
			case clearable < lapses && clearable <= c.to && c.clears(i, hold.since(), clearable):
				at = clearable
				to(Cooling, hold.since())
			case lapses <= c.to:
				at = lapses
				to(Lapsed, at)
			default:
				return
			}
		default:
			raised, ok := c.raises(i, at)
			if !ok {
				return
			}
			at = raised
			to(AtRisk, at)
		}
	}
}

func (c *climber) clears(i int, since, at int64) bool {
	limit := c.rungs[i].clear
	if c.state.last > since {
		limit = c.rungs[i].raise
	}

	return quantize(sigmoid(c.steady(at))) < limit
}

// raises is the first millisecond from a time on that reaches the threshold.
func (c *climber) raises(i int, from int64) (at int64, ok bool) {
	from = max(from, c.model.raisableAfter(c.state))
	if from > c.to || c.below {
		return 0, false
	}
	late := c.steady(c.to)
	search := crossing{silent: c.look, threshold: c.rungs[i].raise, target: c.rungs[i].target}
	if !search.exceeds(late) {
		c.below = true // nor a higher one

		return 0, false
	}
	soon := c.steady(from)
	if search.exceeds(soon) {
		return from, true
	}

	return search.settle(from, c.to, search.between(from, c.to, soon, late)), true
}

// steady are the log-odds at a time.
func (c *climber) steady(at int64) float64 {
	if !c.looked {
		c.look, c.looked = c.model.look(c.state), true
	}
	end := 0
	switch at {
	case c.from:
	case c.to:
		end = 1
	default:
		return c.look.steady(at)
	}
	e := &c.ends[end]
	if !e.known {
		e.logOdds, e.known = c.look.steady(at), true
	}

	return e.logOdds
}
