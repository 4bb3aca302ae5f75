package pipeline

import (
	"cmp"
	"math"
	"slices"

	"ebb/pipeline/churn"
)

// MaxAlertBudget is the greatest alert budget. A report has at most so many
// candidates beside churn.MaxReportBytes of rows, and all of it fits into a
// message of 1 MiB.
const MaxAlertBudget = 10_000

// alerts is what a shard keeps of the alert budget. Once a period it fixes the
// customers whom it would alert of if it were alone, and reports what they are
// worth. The coordinator answers how many of them, from the first on, are among
// the period's best of all partitions. Nothing changes in a round but asking,
// so a report that gets lost or comes twice is the same one.
type alerts struct {
	round      RoundKey
	member     bool        // the round counts; see AlertRound
	asking     bool        // no answer yet
	candidates []candidate // most worth first
	from       int64       // first period in which this partition takes part; 0: not answered yet
}

// RoundKey tells the rounds: the live one of a period, and that of a question
// of an import. The zero RoundKey is none.
type RoundKey struct {
	Import   string `json:"import,omitempty"`
	Question uint64 `json:"question,omitempty"` // of the import
	Period   int64  `json:"period"`             // counts alert_every from 1970 on, by the shard's clock
}

type candidate struct {
	customer uint32
	worth    Worth
}

// Worth is what an alert is worth: by value at risk, and where that is the same
// by risk. It is a whole number, so that it has one order everywhere.
type Worth uint64

const (
	riskBits = 14 // of a churn.Score
	maxCents = 1<<46 - 1
)

// worthOf takes a value at risk in units of the currency.
func worthOf(valueAtRisk float64, risk churn.Score) Worth {
	return Worth(min(math.Round(100*valueAtRisk), maxCents))<<riskBits | Worth(risk)
}

// AlertRound is what a shard reports of its alerts.
type AlertRound struct {
	RoundKey

	// Member is false until the coordinator has heard of the partition: then
	// it has been decided without it, and it has no share of the budget.
	Member bool `json:"member"`

	From   int64  `json:"from"`   // first period in which the partition takes part; 0: not answered yet
	Asks   bool   `json:"asks"`   // no answer has come yet
	Budget int    `json:"budget"` // of all partitions
	Worths []byte `json:"worths"` // of its candidates; see AppendWorths
}

// AlertsFact is the coordinator's answer to one partition: so many of its
// candidates, from the first on, may be alerted of. It changes nothing but in
// the round that it names, and there once.
type AlertsFact struct {
	RoundKey

	Take int   `json:"take"`
	From int64 `json:"from"` // first period in which the partition takes part
}

// openPeriod begins the live round of a new period, if there is a budget. It
// comes at a cut, and says whether the partition has to report now.
func (s *Shard) openPeriod() bool {
	if !s.periodBegins() {
		return false
	}
	s.fixCandidates(RoundKey{Period: s.period()})

	return true
}

// asksForAlerts is for live rounds. Each question of an import is asked once.
func (s *Shard) asksForAlerts() bool { return s.alerts.asking && s.alerts.round.Import == "" }

// openQuestion begins the round of an import's question, if a period has begun.
func (s *Shard) openQuestion(question uint64) {
	if s.periodBegins() {
		s.fixCandidates(RoundKey{Import: s.imported.id, Question: question, Period: s.period()})
	}
}

func (s *Shard) periodBegins() bool {
	return s.config.AlertBudget > 0 && s.period() > s.alerts.round.Period
}

func (s *Shard) period() int64 { return s.clock / s.config.AlertEvery.Milliseconds() }

// fixCandidates begins a round: the customers most worth an alert, of those at
// risk who are not in the hold-out and whom nobody was told of.
func (s *Shard) fixCandidates(round RoundKey) {
	a := &s.alerts
	a.round = round
	a.member = round.Import != "" || a.from > 0 && a.from <= round.Period
	a.asking = a.member || a.from == 0
	a.candidates = a.candidates[:0]
	for index := range s.customers.count {
		if c, ok := s.candidate(index); ok {
			a.candidates = append(a.candidates, c)
		}
		if len(a.candidates) >= 2*s.config.AlertBudget {
			a.keepBest(s.config.AlertBudget)
		}
	}
	a.keepBest(s.config.AlertBudget)
}

func (s *Shard) candidate(index uint32) (candidate, bool) {
	state := s.stateOf(index)
	if !s.alertable(state) || s.config.Holdout > 0 && InHoldout(string(s.customers.id(index)), s.config.Holdout) {
		return candidate{}, false
	}
	worth := worthOf(s.model.ValueAtRisk(state, s.clock), s.model.Steady(state, s.clock))

	return candidate{index, worth}, true
}

// alertable leaves out those who may be back unheard, while their feed is silent
// and for the grace after it.
func (s *Shard) alertable(state *churn.State) bool {
	return s.model.Alertable(state) && s.clock >= s.unheardUntil(state)
}

// keepBest keeps so many of the candidates, in their order. Sorting only now
// and then, it takes linear time and bounded memory.
func (a *alerts) keepBest(n int) {
	slices.SortFunc(a.candidates, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(y.worth, x.worth), cmp.Compare(x.customer, y.customer))
	})
	a.candidates = a.candidates[:min(n, len(a.candidates))]
}

// alertRound is what is reported, nil without a budget or before a period.
func (s *Shard) alertRound() *AlertRound {
	a := &s.alerts
	if s.config.AlertBudget == 0 || a.round == (RoundKey{}) {
		return nil
	}
	worths := make([]Worth, len(a.candidates))
	for i, c := range a.candidates {
		worths[i] = c.worth
	}

	return &AlertRound{
		RoundKey: a.round,
		Member:   a.member,
		From:     a.from,
		Asks:     a.asking,
		Budget:   s.config.AlertBudget,
		Worths:   AppendWorths(nil, worths),
	}
}

// alert takes the coordinator's answer.
func (s *Shard) alert(record *Record) error {
	var fact AlertsFact
	if err := s.read(record, &fact); err != nil {
		return err
	}
	a := &s.alerts
	if a.from == 0 {
		a.from = fact.From
	}
	if !a.asking || fact.RoundKey != a.round {
		return nil
	}
	a.asking = false
	if !a.member {
		return nil
	}
	for _, c := range a.candidates[:min(max(fact.Take, 0), len(a.candidates))] {
		state := s.stateOf(c.customer)
		if s.alertable(state) {
			s.model.Alerted(state, s.clock)
			s.publishAlert(c.customer, state)
		}
	}

	return nil
}
