package backtest

import (
	"cmp"
	"slices"

	"ebb/pipeline/churn"
)

// AtEnd is who would be told of at the end of the log.
type AtEnd struct {
	At     int64 `json:"at"`      // Unix ms
	AtRisk int   `json:"at_risk"` // customers at_risk then, without those who have lapsed
	Active int   `json:"active"`  // those of them who engaged in the last horizon: to keep, not to win back

	// Money is what the Active are worth; its Lost is not known yet, and 0.
	Money []Money `json:"money,omitempty"`

	// Customers are the first of the Active: by value at risk, those without a value
	// after them by risk. Currencies, among which there is no order, share the
	// places by how many customers they have.
	Customers []Named `json:"customers"`
}

// Named is a customer at risk at the end of the log.
type Named struct {
	Customer    string `json:"customer"`
	Risk        Number `json:"risk"`
	Value       Number `json:"value"` // in a horizon, as before; 0 where there are no amounts
	ValueAtRisk Number `json:"value_at_risk"`
	Currency    string `json:"currency,omitempty"`
	Last        int64  `json:"last_engagement"` // Unix ms
	Since       int64  `json:"at_risk_since"`   // Unix ms

	// Reasons say what more there is than how long the customer has been silent.
	Reasons []string `json:"reasons,omitempty"`

	Portrait Portrait `json:"-"`

	index uint32
	purse purse
	place float64 // among those of the same purse, 0 to 1
}

// purse is a currency, or that of customers without a value.
type purse int

const noPurse purse = 1 << 16

// silence is the code of the reason that says no more than how long it is.
const silence = "recency"

// namedCount is how many customers are named at the end.
const namedCount = 10

func (s *stream) atEnd() AtEnd {
	e := s.engine
	end := AtEnd{At: e.clock, Customers: []Named{}}
	var all []Named
	sums := purses{}
	for c := range e.states {
		state := &e.states[c]
		if !state.Known() || state.Level() != churn.AtRisk {
			continue
		}
		end.AtRisk++
		if e.clock-state.Last() > e.model.Horizon() {
			continue
		}
		risk, value := e.model.Steady(state, e.clock).Risk(), e.model.Value(state)
		one := Named{Risk: Number(risk), Value: Number(value), ValueAtRisk: Number(risk * value), index: uint32(c), purse: noPurse}
		if value > 0 {
			one.Currency, one.purse = state.Currency().String(), purse(state.Currency())
			sums.add(state.Currency(), value, risk, false)
		}
		all = append(all, one)
	}
	end.Active, end.Money = len(all), sums.list()
	for _, one := range first(all) {
		state := &e.states[one.index]
		one.Customer = s.log.Customers[one.index]
		one.Last, one.Since = state.Last(), state.Since()
		for _, reason := range e.model.Reasons(state, e.clock) {
			if reason.Code != silence {
				one.Reasons = append(one.Reasons, reason.Text)
			}
		}
		end.Customers = append(end.Customers, one)
	}

	return end
}

// first chooses those who are named.
func first(all []Named) []Named {
	slices.SortFunc(all, func(a, b Named) int {
		return cmp.Or(cmp.Compare(a.purse, b.purse), cmp.Compare(b.ValueAtRisk, a.ValueAtRisk), cmp.Compare(b.Risk, a.Risk), cmp.Compare(a.index, b.index))
	})
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].purse == all[from].purse {
			to++
		}
		for i := from; i < to; i++ {
			all[i].place = (float64(i-from) + 0.5) / float64(to-from)
			if all[i].purse == noPurse {
				all[i].place++ // behind all that have a value
			}
		}
		from = to
	}
	slices.SortStableFunc(all, func(a, b Named) int { return cmp.Compare(a.place, b.place) })

	return all[:min(len(all), namedCount)]
}
