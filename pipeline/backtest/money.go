package backtest

import (
	"cmp"
	"slices"

	"ebb/pipeline/churn"
)

// Money is what the customers of some signals were worth in one currency, each
// with what they would bring in a horizon if they went on as before; see
// churn.Model.Value. A customer of two signals counts twice.
type Money struct {
	Currency string `json:"currency"` // ISO 4217; empty where the amounts have none
	Signals  int    `json:"signals"`  // of customers with a value
	Value    Number `json:"value"`
	AtRisk   Number `json:"value_at_risk"` // value times the risk that the signals gave
	Lost     Number `json:"value_lost"`    // value of those who did not come back in the horizon
}

// maxCurrencies bounds a list of Money: a file may have any three letters.
const maxCurrencies = 10

// money adds up the signals that count, by currency, that of most signals first.
func (j *judge) money() []Money {
	sums := purses{}
	for i := range j.all {
		change := &j.all[i]
		if change.Value > 0 && j.counts(change.Customer, &change.Change) {
			lost := j.truth.quiet(change.Customer, change.At, change.At+j.horizon)
			sums.add(change.Currency, change.Value, change.Score.Risk(), lost)
		}
	}

	return sums.list()
}

// purses are sums of money by currency.
type purses map[churn.Currency]*Money

func (p purses) add(currency churn.Currency, value, risk float64, lost bool) {
	sum, ok := p[currency]
	if !ok {
		sum = &Money{Currency: currency.String()}
		p[currency] = sum
	}
	sum.Signals++
	sum.Value += Number(value)
	sum.AtRisk += Number(risk * value)
	if lost {
		sum.Lost += Number(value)
	}
}

func (p purses) list() []Money {
	var list []Money
	for _, sum := range p {
		list = append(list, *sum)
	}
	slices.SortFunc(list, func(a, b Money) int {
		return cmp.Or(cmp.Compare(b.Signals, a.Signals), cmp.Compare(a.Currency, b.Currency))
	})

	return list[:min(len(list), maxCurrencies)]
}
