package shard

import (
	"cmp"
	"math"
	"slices"

	"ebb/pipeline/churn"
	"ebb/pipeline/fact"
	"ebb/pipeline/meaning"
)

// alerts spends the alert budget. Once a period it fixes the customers whom the
// partition would alert of if it were alone, and reports what they are worth. The
// coordinator answers how many of them, from the first on, are among the period's best
// of all partitions.
type alerts struct {
	round

	limit   int     // alerts of all partitions, for a period; 0 for no alerts
	every   int64   // ms, a period
	holdout float64 // share of customers, of whom there is no alert

	at        *place
	customers *people
	detector  *detector
	signals   *signals
}

// round is that of a period, or of a question of an import. Nothing changes in it but
// asking, so a report that gets lost or comes twice is the same one.
type round struct {
	key        fact.RoundKey
	member     bool         // it counts; see fact.AlertRound
	asking     bool         // no answer yet
	candidates []candidate  // by purse, most worth first
	purses     []alertPurse // of the candidates, in the same order
	given      int          // of the candidates that may be alerted of
	budget     int
	from       int64 // first period in which this partition takes part; 0: not answered yet
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
func (a *alerts) openPeriod() bool {
	if !a.periodBegins() {
		return false
	}
	a.open(fact.RoundKey{Period: a.period(), Every: a.every})

	return true
}

// asks is for live rounds. Each question of an import is asked once.
func (a *alerts) asks() bool { return a.asking && a.key.Import == "" }

// openQuestion begins the round of an import's question, if a period has begun
// and there is somebody to be told of. Before that the period stays open: history
// begins with nobody at risk, and a short one has no other period.
func (a *alerts) openQuestion(question uint64) {
	if a.periodBegins() && a.anyCandidate() {
		a.open(fact.RoundKey{Import: a.at.imported.id, Question: question, Period: a.period(), Every: a.every})
	}
}

func (a *alerts) anyCandidate() bool {
	if a.detector.levels[churn.AtRisk] == 0 {
		return false
	}
	for index := range a.customers.Count {
		if a.customers.state(index).Level() != churn.AtRisk {
			continue
		}
		if _, ok := a.candidate(index); ok {
			return true
		}
	}

	return false
}

func (a *alerts) periodBegins() bool { return a.limit > 0 && a.period() > a.key.Period }

func (a *alerts) period() int64 { return a.at.clock / a.every }

// open begins a round: its candidates are the customers most worth an alert, of those
// at risk who are not in the hold-out and whom nobody was told of.
func (a *alerts) open(key fact.RoundKey) {
	rd := &a.round
	rd.key, rd.budget = key, a.limit
	rd.member = key.Import != "" || rd.from > 0 && rd.from <= key.Period
	rd.asking = rd.member || rd.from == 0
	rd.given = 0
	rd.candidates, rd.purses = rd.candidates[:0], rd.purses[:0]
	all := make(map[churn.Currency]int)
	full := 2 * a.limit
	for index := range a.customers.Count {
		if c, ok := a.candidate(index); ok {
			rd.candidates = append(rd.candidates, c)
			all[c.purse]++
		}
		if len(rd.candidates) >= full {
			rd.keepBest(a.limit)
			full = 2 * max(len(rd.candidates), a.limit)
		}
	}
	rd.keepBest(a.limit)
	if len(rd.candidates) > fact.MaxAlertBudget { // there are at most as many currencies as it has hundreds
		rd.keepBest(fact.MaxAlertBudget / len(all))
	}
	rd.list(all)
}

// list says which purses the candidates have.
func (rd *round) list(customers map[churn.Currency]int) {
	for i, c := range rd.candidates {
		if i == 0 || rd.candidates[i-1].purse != c.purse {
			rd.purses = append(rd.purses, alertPurse{currency: c.purse, customers: customers[c.purse]})
		}
		rd.purses[len(rd.purses)-1].kept++
	}
}

func (a *alerts) candidate(index uint32) (candidate, bool) {
	state := a.customers.state(index)
	if a.customers.gone(index, a.at.clock) || !a.alertable(state) || a.holdout > 0 && meaning.InHoldout(string(a.customers.ID(index)), a.holdout) {
		return candidate{}, false
	}
	m := a.detector.model
	value := m.ValueAtRisk(state, a.at.clock)
	c := candidate{customer: index, purse: noPurse, worth: worthOf(value, m.Steady(state, a.at.clock))}
	if value > 0 {
		c.purse = state.Currency()
	}

	return c, true
}

// alertable leaves out those who may be back unheard, while their feed is silent
// and for the grace after it.
func (a *alerts) alertable(state *churn.State) bool {
	return a.detector.model.Alertable(state) && a.at.clock >= a.detector.feed.unheardUntil(state)
}

// keepBest keeps so many of the candidates of each purse, in their order.
// Sorting only now and then, it takes linear time and bounded memory.
func (rd *round) keepBest(n int) {
	slices.SortFunc(rd.candidates, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(x.purse, y.purse), cmp.Compare(y.worth, x.worth), cmp.Compare(x.customer, y.customer))
	})
	kept, same := rd.candidates[:0], 0
	for i, c := range rd.candidates {
		if i == 0 || c.purse != kept[len(kept)-1].purse {
			same = 0
		}
		if same++; same <= n {
			kept = append(kept, c)
		}
	}
	rd.candidates = kept
}

// report is what is reported, nil without a budget or before a period.
func (a *alerts) report() *fact.AlertRound {
	rd := &a.round
	if a.limit == 0 || rd.key == (fact.RoundKey{}) {
		return nil
	}
	var lists []fact.AlertList
	at := 0
	for _, p := range rd.purses {
		worths := make([]fact.Worth, p.kept)
		for i := range worths {
			worths[i] = rd.candidates[at+i].worth
		}
		at += p.kept
		list := fact.AlertList{Currency: p.currency.String(), Customers: p.customers, Worths: fact.AppendWorths(nil, worths)}
		if p.currency == noPurse {
			list.Currency = fact.NoValue
		}
		lists = append(lists, list)
	}

	return &fact.AlertRound{
		RoundKey: rd.key,
		Member:   rd.member,
		From:     rd.from,
		Asks:     rd.asking,
		Budget:   rd.budget,
		Given:    rd.given,
		Lists:    lists,
	}
}

// answered takes the coordinator's answer.
func (a *alerts) answered(said *fact.AlertsFact) {
	rd := &a.round
	if rd.from == 0 {
		rd.from = said.From
	}
	if !rd.asking || said.RoundKey != rd.key {
		return
	}
	rd.asking = false
	if !rd.member {
		return
	}
	others := rd.candidates // those of the purses to come
	for i, p := range rd.purses {
		take := 0
		if i < len(said.Takes) {
			take = min(max(said.Takes[i], 0), p.kept)
		}
		rd.given += take
		for _, c := range others[:take] {
			a.alertOf(c.customer)
		}
		others = others[p.kept:]
	}
}

// alertOf publishes an alert, if it is still due.
func (a *alerts) alertOf(customer uint32) {
	if customer == churn.Nobody || a.customers.gone(customer, a.at.clock) {
		return
	}
	state := &a.customers.At(customer).Churn
	if a.alertable(state) {
		a.detector.model.Alerted(state, a.at.clock)
		a.signals.publishAlert(a.detector.model, customer, state)
	}
}

// leave puts nobody in the place of candidates who have left.
func (rd *round) leave(left func(customer uint32) bool) {
	for i := range rd.candidates {
		if c := &rd.candidates[i]; c.customer != churn.Nobody && left(c.customer) {
			c.customer = churn.Nobody
		}
	}
}

// reconfigure changes how many alerts are given, and how often. A round that has
// begun goes on with its budget, unless there is none any more or the periods have
// another length. Then the next one begins with the next period, so that no period
// gets more than its budget.
func (a *alerts) reconfigure(to *meaning.Config) {
	a.limit, a.every, a.holdout = to.AlertBudget, to.AlertEvery.Milliseconds(), to.Holdout
	if a.limit == 0 {
		a.asking, a.candidates, a.purses = false, nil, nil

		return
	}
	if a.key.Every == 0 || a.key.Every == a.every {
		return
	}
	next := round{key: fact.RoundKey{Period: a.at.clock / a.every, Every: a.every}}
	if a.from > 0 { // the coordinator has heard of the partition
		next.from = next.key.Period
	}
	a.round = next
}
