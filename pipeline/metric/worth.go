package metric

import (
	"math"

	"ebb/pipeline/amount"
)

// The slots of worth.
const (
	worthCustomers = iota
	worthRisk
	worthValue
	worthAtRisk
	worthLifetime
	worthMargin
)

// Outlook is what the churn model expects of a customer.
type Outlook struct {
	Risk     uint16  // of no engagement in the next horizon, in ten-thousandths
	Value    float64 // what they bring in a horizon if they go on as before, in units of the currency
	Margin   float64 // share of that which is left after what it costs to serve them, above 0 and at most 1
	Currency [3]byte // of most of their orders; zeroes for none
	Horizon  int64   // ms
}

// mostYears is how far ahead a customer's life is reckoned.
const mostYears = 3

// life is how many horizons the customer is expected to stay, at the same risk in each,
// beside the one that has begun: (1 - r) / r, up to mostYears.
func (o *Outlook) life() float64 {
	most := mostYears * 365.25 * 86_400_000 / float64(max(o.Horizon, 1))
	risk := float64(o.Risk) / 10_000
	if (1 - risk) >= most*risk {
		return most
	}

	return (1 - risk) / risk
}

// worth is what customers are worth, and what of it is at risk.
func worth() *Census {
	recency, levels := recencyBins(), levelNames()

	return &Census{
		Name:  "worth",
		Title: "Value and risk of customers",
		Definition: "Customers who ever engaged, by risk level, recency and currency: how many are expected to be lost in the next horizon, what they bring in one, what of that is at risk, " +
			"and what they bring in the rest of their life, as revenue and after the margin (setting customers.margin), which is the customer lifetime value (CLV).",
		Source: "CLV: margin x expected orders x AOV per horizon (the value of signals; Ehrenberg 1959) over the expected remaining life, (1 - r) / r horizons at the risk r, at most three years, not discounted: " +
			"Gupta and Lehmann 2003, \"Customers as assets\". Risk and value are the model's own, of which the proof checks the bounds; customers are proved exactly",
		FedBy: "qualifying events; of value, those of types that carry money",
		By: []CensusDimension{
			{Name: "level", Definition: "risk level: healthy, cooling, at_risk or lapsed", Text: func(v int32) string { return levels[v] }},
			{Name: "recency", Definition: "days since the customer last engaged, up to the day: 0-6, 7-27, 28-83, 84+", Text: recency.text},
			{Name: "currency", Definition: "of most of their orders: ISO 4217; empty for none", Text: currencyText},
		},
		Measures: []Measure{
			{Name: "customers", Definition: "customers who ever engaged", Unit: "customers", Slot: worthCustomers},
			{Name: "expected_churners", Definition: "sum of their risks: so many are expected not to engage in the next horizon", Unit: "customers", Slot: worthRisk, Sum: true},
			{Name: "value", Definition: "what they bring in a horizon if they go on as before", Unit: "currency", Slot: worthValue, Sum: true},
			{Name: "value_at_risk", Definition: "sum of each one's value times risk", Unit: "currency", Slot: worthAtRisk, Sum: true},
			{Name: "lifetime", Definition: "sum of what each brings in the rest of their life, before the margin", Unit: "currency", Slot: worthLifetime, Sum: true},
			{Name: "lifetime_margin", Definition: "the same after the margin (setting customers.margin), as it was on the day", Unit: "currency", Slot: worthMargin, Sum: true},
		},
		Figures: []Figure{
			{Name: "mean_risk", Title: "Mean risk", Definition: "share of the customers who are expected not to engage in the next horizon", Unit: "probability", SQL: "toFloat64(expected_churners) / customers", Cases: "customers", Least: 10},
			{Name: "lifetime_value", Title: "Lifetime value", Definition: "what a customer brings in the rest of their life, on average, before the margin", Unit: "currency", SQL: "toFloat64(lifetime) / customers", Cases: "customers", Least: 10},
			{Name: "clv", Title: "CLV", Definition: "customer lifetime value: what is left to you, after the margin, of what a customer brings in the rest of their life, on average", Unit: "currency", SQL: "if(lifetime_margin = 0 AND lifetime > 0, NULL, toFloat64(lifetime_margin) / customers)", Cases: "customers", Least: 10},
			{Name: "share_at_risk", Title: "Value at risk", Definition: "share of the value that is expected to be lost; NULL without value", Unit: "share", SQL: "toFloat64(value_at_risk) / nullIf(toFloat64(value), 0)", Cases: "customers", Least: 10},
		},
		Ordered:  true,
		Reads:    []string{"days_engaged"},
		Modelled: []string{"currency", "expected_churners", "value", "value_at_risk", "lifetime", "lifetime_margin"},
		Counts: func(p *Person, t *Tally) {
			if !p.Engaged.By(p.Day) {
				return
			}
			var o Outlook
			if p.Outlook != nil {
				o = p.Outlook()
			}
			row := t.Row(int32(p.Level), recency.of(int64(p.Engaged.Since(p.Day))), currencyCode(o.Currency))
			row.Count(worthCustomers)
			row.Add(worthRisk, amount.Of(int64(o.Risk)*100))
			row.Add(worthValue, cents(o.Value))
			row.Add(worthAtRisk, cents(o.Value*float64(o.Risk)/10_000))
			row.Add(worthLifetime, cents(o.Value*o.life()))
			row.Add(worthMargin, cents(o.Value*o.life()*o.Margin))
		},
	}
}

// mostWorth bounds what one customer can add to a sum, in units of the currency.
const mostWorth = 1e12

// cents is an amount to the hundredth, from 0 to mostWorth.
func cents(units float64) amount.Amount {
	return amount.Of(int64(math.Round(100*min(max(units, 0), mostWorth))) * 10_000)
}
