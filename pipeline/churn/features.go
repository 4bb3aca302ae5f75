package churn

import "math"

// The terms of the risk, in the order of Prior's table. Times are in units of
// the horizon H, so that one set of weights serves businesses of any pace.
//
// The first ten are of what has come so far and rest in silence; the next
// seven only grow in silence, and their weights are never below 0. So the risk
// only grows in silence, a threshold is crossed once, and a timer can be set
// ahead.
const (
	termSlots      = iota // ln of the active slots ever
	termTenure            // ln(time from the first to the latest qualifying event + .05)
	termLately            // ln of the visits, halved every H/8
	termRecent            // ln of the visits, halved every H/2
	termOverall           // ln of the visits, halved every 2H
	termNegatives         // ln(1 + negative events, halved every 2H)
	termExperience        // the ratings, from 1, bad, to -1, good; 0 without any
	termPressure          // ln(1 + messages of the company, halved every H/2, for each visit, and one more, that did the same)
	termPause             // mean of ln(own pause between visits), drawn to the usual one
	termSpread            // ln of its standard deviation, drawn to the usual one
	termRecency           // ln(r + .01), r the silence
	termSilence           // r, up to 4
	termLapsed            // ln r above 1, else 0
	termRhythm            // log-odds of no event in H by the customer's own rate; see rates.go
	termHabit             // log-odds of no event in H by the visits of the last horizons; see habit.go
	termLife              // the same by the active slots since the first; see habit.go
	termContact           // ln(time since an event of their own, of any kind + .01)
	termWeek              // ln of the share of a week's activity in the next H over an even share; average from 7 days on
	features              // how many there are

	termBias = features // the intercept, in what is learned
	terms    = features + 1
)

// grows says which terms grow in silence.
var grows = [terms]bool{termRecency: true, termSilence: true, termLapsed: true, termRhythm: true, termHabit: true, termLife: true, termContact: true}

const (
	recencyFloor = 0.01 // a hundredth of the horizon, the pause that ends a visit
	tenureFloor  = 0.05
	longSilence  = 4
	clipAt       = 4 // standard deviations
)

// vector are the terms of one customer at one time, standardized and clipped.
type vector [features]float64

// silent is the history of a customer, ready to be looked at in silence.
type silent struct {
	model   *Model
	state   *State
	vector  vector  // the terms that rest are set
	resting float64 // the part of the score that rests, intercept included
	pace    pace
	habit   habit
	life    habit
}

// look prepares a customer, who is known.
func (m *Model) look(s *State) silent {
	tenure := float64(s.last-s.First()) * m.perUnit
	l := silent{model: m, state: s, pace: m.pace(s), habit: habitOf(float64(s.visits[overall]), tenure), life: lifeOf(s, tenure)}
	l.set(termSlots, math.Log(float64(s.slots)))
	l.set(termTenure, math.Log(tenure+tenureFloor))
	l.set(termLately, math.Log(float64(s.visits[lately])))
	l.set(termRecent, math.Log(float64(s.visits[recently])))
	l.set(termOverall, math.Log(float64(s.visits[overall])))
	l.set(termNegatives, math.Log1p(float64(s.negatives)))
	l.set(termExperience, -float64(s.experience))
	l.set(termPressure, math.Log1p(float64(s.contacts)/(1+float64(s.visits[recently]))))
	own := s.pauses()
	pause, spread := own.usual(m.logHorizon)
	l.set(termPause, pause)
	l.set(termSpread, spread)
	l.vector[termWeek] = m.average
	l.resting = m.weights[termBias] + m.weights[termWeek]*m.average
	for i := range termRecency {
		l.resting += m.weights[i] * l.vector[i]
	}

	return l
}

// set standardizes a term.
func (l *silent) set(term int, x float64) {
	t := &l.model.prior.Terms[term]
	l.vector[term] = min(max((x-t.Mean)*l.model.perDeviation[term], -clipAt), clipAt)
}

// steady are the log-odds of the risk at an average time of the week. They
// only grow with now.
func (l *silent) steady(now int64) float64 {
	m := l.model
	r := max(0, float64(now-l.state.last)*m.perUnit)
	recency := math.Log(r + recencyFloor)
	l.set(termRecency, recency)
	l.set(termSilence, min(r, longSilence))
	lapsed := 0.0
	if r > 1 {
		lapsed = math.Log(r)
	}
	l.set(termLapsed, lapsed)
	l.set(termRhythm, m.parameters.Rates.none(l.pace.after(r)))
	l.set(termHabit, l.habit.none(r))
	l.set(termLife, l.life.none(r))
	contact := recency // most often their latest event was engagement
	if l.state.heard.own() != l.state.last {
		contact = math.Log(max(0, float64(now-l.state.heard.own())*m.perUnit) + recencyFloor)
	}
	l.set(termContact, contact)
	z := l.resting
	for i := termRecency; i < termWeek; i++ {
		z += m.weights[i] * l.vector[i]
	}

	return z
}

// full are the log-odds of the risk, with the time of the week.
func (l *silent) full(now int64) float64 {
	m := l.model
	l.vector[termWeek] = m.week[hourOfWeek(now)]

	return l.steady(now) + m.weights[termWeek]*(l.vector[termWeek]-m.average)
}

func sigmoid(z float64) float64 { return 1 / (1 + math.Exp(-z)) }

func logOdds(p float64) float64 { return math.Log(p) - math.Log1p(-p) }
