package shard

import (
	"cmp"
	"math"
	"slices"

	"ebb/pipeline/churn"
	"ebb/pipeline/event"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
)

// alerts is what a shard keeps of the alert budget. Once a period it fixes the
// customers whom it would alert of if it were alone, and reports what they are
// worth. The coordinator answers how many of them, from the first on, are among
// the period's best of all partitions. Nothing changes in a round but asking,
// so a report that gets lost or comes twice is the same one.
type alerts struct {
	round      fact.RoundKey
	member     bool         // the round counts; see AlertRound
	asking     bool         // no answer yet
	candidates []candidate  // by purse, most worth first
	purses     []alertPurse // of the candidates, in the same order
	given      int          // of the round's candidates that may be alerted of
	budget     int          // of the round
	from       int64        // first period in which this partition takes part; 0: not answered yet
}

type candidate struct {
	customer uint32
	purse    churn.Currency
	worth    fact.Worth
}

// noPurse is the purse of customers without a value.
const noPurse churn.Currency = math.MaxUint16

// alertPurse is a currency in which customers have a value at risk: there is no
// order among amounts of different ones.
type alertPurse struct {
	currency  churn.Currency
	customers int // at risk and to be told of, the candidates among them
	kept      int // candidates
}

const (
	riskBits   = 14      // of a churn.Score
	exactCents = 1 << 45 // up to here a value at risk counts to the cent
)

// worthOf takes a value at risk in units of the currency.
func worthOf(valueAtRisk float64, risk churn.Score) fact.Worth {
	cents := math.Round(100 * valueAtRisk)
	if cents < exactCents {
		return fact.Worth(cents)<<riskBits | fact.Worth(risk)
	}
	beyond := (math.Float64bits(cents) - math.Float64bits(exactCents)) >> 13 // in steps of less than a billionth

	return fact.Worth(exactCents+min(beyond, exactCents-1))<<riskBits | fact.Worth(risk)
}

// openPeriod begins the live round of a new period, if there is a budget. It
// comes at a cut, and says whether the partition has to report now.
func (s *Shard) openPeriod() bool {
	if !s.periodBegins() {
		return false
	}
	s.fixCandidates(fact.RoundKey{Period: s.period(), Every: s.config.AlertEvery.Milliseconds()})

	return true
}

// asksForAlerts is for live rounds. Each question of an import is asked once.
func (s *Shard) asksForAlerts() bool { return s.alerts.asking && s.alerts.round.Import == "" }

// openQuestion begins the round of an import's question, if a period has begun
// and there is somebody to be told of. Before that the period stays open: history
// begins with nobody at risk, and a short one has no other period.
func (s *Shard) openQuestion(question uint64) {
	if s.periodBegins() && s.anyCandidate() {
		s.fixCandidates(fact.RoundKey{
			Import: s.imported.id, Question: question, Period: s.period(), Every: s.config.AlertEvery.Milliseconds(),
		})
	}
}

func (s *Shard) anyCandidate() bool {
	if s.levels[churn.AtRisk] == 0 {
		return false
	}
	for index := range s.customers.Count {
		if s.stateOf(index).Level() != churn.AtRisk {
			continue
		}
		if _, ok := s.candidate(index); ok {
			return true
		}
	}

	return false
}

func (s *Shard) periodBegins() bool {
	return s.config.AlertBudget > 0 && s.period() > s.alerts.round.Period
}

func (s *Shard) period() int64 { return s.clock / s.config.AlertEvery.Milliseconds() }

// fixCandidates begins a round: the customers most worth an alert, of those at
// risk who are not in the hold-out and whom nobody was told of.
func (s *Shard) fixCandidates(round fact.RoundKey) {
	a := &s.alerts
	a.round, a.budget = round, s.config.AlertBudget
	a.member = round.Import != "" || a.from > 0 && a.from <= round.Period
	a.asking = a.member || a.from == 0
	a.given = 0
	a.candidates, a.purses = a.candidates[:0], a.purses[:0]
	all := make(map[churn.Currency]int)
	full := 2 * s.config.AlertBudget
	for index := range s.customers.Count {
		if c, ok := s.candidate(index); ok {
			a.candidates = append(a.candidates, c)
			all[c.purse]++
		}
		if len(a.candidates) >= full {
			a.keepBest(s.config.AlertBudget)
			full = 2 * max(len(a.candidates), s.config.AlertBudget)
		}
	}
	a.keepBest(s.config.AlertBudget)
	if len(a.candidates) > fact.MaxAlertBudget { // there are at most as many currencies as it has hundreds
		a.keepBest(fact.MaxAlertBudget / len(all))
	}
	a.list(all)
}

// list says which purses the candidates have.
func (a *alerts) list(customers map[churn.Currency]int) {
	for i, c := range a.candidates {
		if i == 0 || a.candidates[i-1].purse != c.purse {
			a.purses = append(a.purses, alertPurse{currency: c.purse, customers: customers[c.purse]})
		}
		a.purses[len(a.purses)-1].kept++
	}
}

func (s *Shard) candidate(index uint32) (candidate, bool) {
	state := s.stateOf(index)
	if s.gone(index, s.clock) || !s.alertable(state) || s.config.Holdout > 0 && meaning.InHoldout(string(s.customers.ID(index)), s.config.Holdout) {
		return candidate{}, false
	}
	value := s.model.ValueAtRisk(state, s.clock)
	c := candidate{customer: index, purse: noPurse, worth: worthOf(value, s.model.Steady(state, s.clock))}
	if value > 0 {
		c.purse = state.Currency()
	}

	return c, true
}

// alertable leaves out those who may be back unheard, while their feed is silent
// and for the grace after it.
func (s *Shard) alertable(state *churn.State) bool {
	return s.model.Alertable(state) && s.clock >= s.unheardUntil(state)
}

// keepBest keeps so many of the candidates of each purse, in their order.
// Sorting only now and then, it takes linear time and bounded memory.
func (a *alerts) keepBest(n int) {
	slices.SortFunc(a.candidates, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(x.purse, y.purse), cmp.Compare(y.worth, x.worth), cmp.Compare(x.customer, y.customer))
	})
	kept, same := a.candidates[:0], 0
	for i, c := range a.candidates {
		if i == 0 || c.purse != kept[len(kept)-1].purse {
			same = 0
		}
		if same++; same <= n {
			kept = append(kept, c)
		}
	}
	a.candidates = kept
}

// alertRound is what is reported, nil without a budget or before a period.
func (s *Shard) alertRound() *fact.AlertRound {
	a := &s.alerts
	if s.config.AlertBudget == 0 || a.round == (fact.RoundKey{}) {
		return nil
	}
	var lists []fact.AlertList
	at := 0
	for _, p := range a.purses {
		worths := make([]fact.Worth, p.kept)
		for i := range worths {
			worths[i] = a.candidates[at+i].worth
		}
		at += p.kept
		list := fact.AlertList{Currency: p.currency.String(), Customers: p.customers, Worths: fact.AppendWorths(nil, worths)}
		if p.currency == noPurse {
			list.Currency = fact.NoValue
		}
		lists = append(lists, list)
	}

	return &fact.AlertRound{
		RoundKey: a.round,
		Member:   a.member,
		From:     a.from,
		Asks:     a.asking,
		Budget:   a.budget,
		Given:    a.given,
		Lists:    lists,
	}
}

// alert takes the coordinator's answer.
func (s *Shard) alert(record *event.Record) error {
	var said fact.AlertsFact
	if err := s.read(record, &said); err != nil {
		return err
	}
	a := &s.alerts
	if a.from == 0 {
		a.from = said.From
	}
	if !a.asking || said.RoundKey != a.round {
		return nil
	}
	a.asking = false
	if !a.member {
		return nil
	}
	rest := a.candidates
	for i, p := range a.purses {
		take := 0
		if i < len(said.Takes) {
			take = min(max(said.Takes[i], 0), p.kept)
		}
		a.given += take
		for _, c := range rest[:take] {
			s.alertOf(c.customer)
		}
		rest = rest[p.kept:]
	}

	return nil
}

// alertOf publishes an alert, if it is still due.
func (s *Shard) alertOf(customer uint32) {
	if customer == churn.Nobody || s.gone(customer, s.clock) {
		return
	}
	state := &s.customers.At(customer).Churn
	if s.alertable(state) {
		s.model.Alerted(state, s.clock)
		s.publishAlert(customer, state)
	}
}
