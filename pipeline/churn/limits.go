package churn

import "math"

// Rule is what a customer is raised to at_risk by.
type Rule uint8

// The rules. ByRisk is the threshold that is the same for all. The others give a
// customer a threshold of their own, which rests in silence, so that the moment of
// the crossing can be solved for ahead:
//
//   - Unusual, see Config.Unusual: the risk is so much above what it was right
//     after the customer's latest engagement, and above the mean of customers of
//     the same kind. It comes before ByRisk, or not at all.
//   - Worth, see Config.ContactCost: what a contact is likely to save exceeds its
//     cost. It comes in the place of the others: later where it does not pay when
//     they would, sooner where it clearly does. Whom it never pays to contact is at
//     risk all the same when that is as good as sure, by ByRisk, so that they can
//     be lapsed.
const (
	ByRisk Rule = iota
	Unusual
	Worth
	Rules // how many there are
)

// String is the rule's name in signals.
func (r Rule) String() string { return [Rules]string{"risk", "unusual", "worth"}[r] }

// clearlyWorth is how many times the cost a contact has to save for somebody to be
// at risk below the threshold of all. A contact that just pays is better made
// later: many come back by themselves meanwhile. On the two logs of shops, at
// costs from 1 to 50 and an uplift of .1, 3 earns more than 1 in 11 of 12 cases,
// and more than the threshold of all in all of them.
const clearlyWorth = 3

// personal says whether customers have thresholds of their own.
func (c Config) personal() bool { return c.Unusual > 0 || c.ContactCost > 0 }

// RuleOf is the rule by which a score raises a customer to at_risk.
func (m *Model) RuleOf(s *State, score Score) Rule {
	if !m.config.personal() || !s.Known() || s.Left() {
		return ByRisk
	}
	look := m.look(s)
	at, rule := look.atRiskAt()
	if all := m.raise[AtRisk]; score < at || at <= all && score >= all || at >= quantize(mostThreshold) {
		return ByRisk
	}

	return rule
}

// raiseAt is the score at which the customer is raised to a level.
func (l *silent) raiseAt(level Level) Score {
	base := l.model.raise[level]
	if !l.model.config.personal() {
		return base
	}
	atRisk, _ := l.atRiskAt()
	switch all := l.model.raise[AtRisk]; {
	case level == AtRisk:
		return atRisk
	case atRisk < all: // the early warning comes as much sooner
		return max(Score(int(base)*int(atRisk)/int(all)), 1)
	}

	return base
}

// clearAt is the score below which the level is cleared of who has not engaged
// since it was raised.
func (l *silent) clearAt(level Level) Score {
	m := l.model
	if !m.config.personal() {
		return m.clear[level]
	}
	raise := l.raiseAt(level)

	return raise - min(m.raise[level]-m.clear[level], raise/2)
}

// targetOf are the log-odds at which the score is rounded up to the threshold of a level.
func (l *silent) targetOf(level Level, threshold Score) float64 {
	if threshold == l.model.raise[level] {
		return l.model.target[level]
	}

	return targetOf(threshold)
}

// atRiskAt is the customer's threshold of at_risk, and the rule that gives it.
func (l *silent) atRiskAt() (Score, Rule) {
	m := l.model
	if m.config.ContactCost > 0 {
		if value := m.Value(l.state); value > 0 {
			pays := m.config.ContactCost / (value * m.config.Uplift)

			clearly := min(clearlyWorth*pays, m.raise[AtRisk].Risk())

			return max(quantize(min(max(pays, clearly, m.config.LeastRisk), mostThreshold)), 1), Worth
		}
	}
	all := m.raise[AtRisk]
	if m.config.Unusual > 0 {
		own := quantize(sigmoid(l.steady(l.state.last) + m.unusual))
		own = max(own, m.usual[l.state.kind(m)], quantize(m.config.LeastRisk), 1)
		if own < all {
			return own, Unusual
		}
	}

	return all, ByRisk
}

// kind is the segment of a customer as of the latest engagement.
func (s *State) kind(m *Model) Segment {
	switch {
	case s.slots == 1:
		return OneTime
	case s.last-s.First() < m.config.Horizon:
		return Newcomer
	}

	return Regular
}

// Usual are the risks of the active customers of the first segments, from which
// relative alarms take what is usual.
type Usual [LongSilent]UsualRisk

// UsualRisk is the sum of the Scores of so many customers.
type UsualRisk struct {
	Customers int64 `json:"customers"`
	Risk      int64 `json:"risk"`
}

// mean is the Score of an average customer, or 0 where there is none.
func (u UsualRisk) mean() Score {
	if u.Customers == 0 {
		return 0
	}

	return Score(u.Risk / u.Customers)
}

func (u UsualRisk) right() bool {
	return u.Customers >= 0 && u.Risk >= 0 && u.Risk/int64(Certain) <= u.Customers && u.Risk <= math.MaxInt64/2
}
