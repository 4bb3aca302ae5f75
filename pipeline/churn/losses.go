package churn

import "fmt"

// Losses are those to be expected among the active customers: it is from them
// that the thresholds follow which tell of a share of the losses in time. A
// customer's silence is a loss with the risk as of their last engagement, and the
// more so the longer it has lasted; this much is counted by the risk that they
// will have reached after a part of a horizon of silence. So the thresholds follow
// the customers of today, from the first day on, and not those who were lost long
// ago.
type Losses struct {
	Early [lossBins]int64 `json:"early"` // by the score after earlyAt
	Late  [lossBins]int64 `json:"late"`  // by the score after lateAt
	Usual Usual           `json:"usual"` // of those active, where relative alarms need it
}

const (
	lossBins = 100
	earlyAt  = 0.3 // horizons of silence: while most can still be won back
	lateAt   = 0.6 // horizons of silence: later, telling is no longer in time
)

// add counts an active customer, one who is known and has not left, after a
// silence.
func (l *Losses) add(m *Model, s *State, silence float64) {
	resting := *s
	resting.heard[0] = resting.heard[0]&^timeMask | uint64(s.last)
	look := m.look(&resting) // what silence does not change is computed once
	after := func(part float64) int {
		score := look.score(s.last + int64(part*float64(m.config.Horizon)))

		return min(int(score)*lossBins/int(Certain), lossBins-1)
	}
	lost := look.lost(silence)
	l.Early[after(earlyAt)] += lost
	l.Late[after(lateAt)] += lost
}

// lost is the Score of a silence that has come so far being a loss: p/(p + (1−p)
// (1−F)), where p is the risk as of its begin and F the share of those coming back
// who would have by now; see comeback. Who comes often has many silences in a
// horizon, of which only the latest is looked at; it has most often just begun.
// Counted by p alone, the losses among the frequent would be too few, and the
// thresholds too high to tell of them.
func (l *silent) lost(silence float64) int64 {
	risk := max(l.score(l.state.last).Risk(), leastRisk)
	comes := l.comeback(l.state.last)
	gone := risk / (risk + (1-risk)*(1-comes.share(l.model.parameters.Rates, min(silence, 1))))

	return int64(quantize(gone))
}

// addUsual counts the risk of an active customer as of now.
func (l *Losses) addUsual(m *Model, s *State, now int64) {
	usual := &l.Usual[s.kind(m)]
	usual.Customers++
	usual.Risk += int64(m.Steady(s, now))
}

// validate refuses counts that no customers could have.
func (l *Losses) validate() error {
	for i := range l.Early {
		if l.Early[i] < 0 || l.Late[i] < 0 || l.Early[i] > mostLosses || l.Late[i] > mostLosses {
			return fmt.Errorf("churn: losses of bin %d are %d and %d; they have to be from 0 to %d", i, l.Early[i], l.Late[i], int64(mostLosses))
		}
	}

	for i, usual := range l.Usual {
		if !usual.right() {
			return fmt.Errorf("churn: usual risks of segment %d are %+v; they have to be those of customers", i, usual)
		}
	}

	return nil
}

const mostLosses = 1 << 50 // a hundred billion customers, each certain to be lost

func (l *Losses) merge(o *Losses) {
	for i := range l.Early {
		l.Early[i] += o.Early[i]
		l.Late[i] += o.Late[i]
	}
	for i := range l.Usual {
		l.Usual[i].Customers += o.Usual[i].Customers
		l.Usual[i].Risk += o.Usual[i].Risk
	}
}

// reachedBy is the risk that a share of the losses will have reached; the guess
// where none are to be expected.
func reachedBy(counts *[lossBins]int64, share, guess float64) float64 {
	var all int64
	for _, n := range counts {
		all += n
	}
	if all == 0 {
		return guess
	}
	left := share * float64(all) // how many are to lie above
	for i := lossBins - 1; i >= 0; i-- {
		if n := float64(counts[i]); n >= left {
			return (float64(i) + 1 - left/n) / lossBins
		}
		left -= float64(counts[i])
	}

	return guess
}

// Where thresholds that follow the stream begin, before there is anybody to
// follow; how high they may be, and how far they are apart at least. Nobody waits
// to be surer than mostFollowed for the sake of a share: telling sooner costs
// little precision there, and is in time for more.
const (
	mostFollowed  = 0.85
	firstCooling  = 0.55
	firstAtRisk   = 0.7
	mostThreshold = 0.95
	leastApart    = 0.05
)

// thresholds are the risks at which levels are raised: the configured ones, or
// those that tell of a share of the losses in time.
func (c Config) thresholds(l *Losses) (cooling, atRisk float64) {
	cooling, atRisk = c.CoolingAt, c.AtRiskAt
	if atRisk == 0 {
		atRisk = max(min(reachedBy(&l.Late, c.InTime, firstAtRisk), mostFollowed), c.LeastRisk, cooling+leastApart)
	}
	if cooling == 0 {
		cooling = max(min(reachedBy(&l.Early, c.InTime, firstCooling), atRisk-leastApart), atRisk/2)
	}

	return cooling, atRisk
}

// follow puts the thresholds to use.
func (m *Model) follow(l *Losses) {
	cooling, atRisk := m.config.thresholds(l)
	m.setThreshold(Cooling, cooling, m.config.CoolingMargin)
	m.setThreshold(AtRisk, atRisk, m.config.AtRiskMargin)
	for i := range m.usual {
		m.usual[i] = l.Usual[i].mean()
	}
}

// setThreshold has the level cleared below the margin, which is at most half of
// the threshold: one that follows the stream may be lower than its margin.
func (m *Model) setThreshold(level Level, threshold, margin float64) {
	if m.config.follows() {
		margin = min(margin, threshold/2)
	}
	m.raise[level] = quantize(threshold)
	m.clear[level] = quantize(threshold - margin)
	m.target[level] = targetOf(m.raise[level])
}

// targetOf are the log-odds at which a risk is rounded up to the score.
func targetOf(score Score) float64 { return logOdds((float64(score) - 0.5) / float64(Certain)) }

// Thresholds are the risks at which cooling and at_risk are raised, as of the
// parameters in use.
func (m *Model) Thresholds() (cooling, atRisk Score) { return m.raise[Cooling], m.raise[AtRisk] }
