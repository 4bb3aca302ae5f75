package page

import (
	"fmt"

	"ebb/pipeline/backtest"
)

// card is a customer whom the detector would name at the end.
type card struct {
	Customer string
	Worth    string // what is at risk, or the risk where there is no value
	Facts    string
	Reason   string
	Curve    plot
}

// named is the section of those who would be told of now.
type named struct {
	Title string
	Words string // what is shown
	Cards []card
}

func namedOf(r *backtest.Report) named {
	end := &r.AtEnd
	n := named{Title: "Whom it would name on " + when(r, end.At)}
	if end.Active == 0 {
		n.Words = "Nobody is at risk at the end of the file who was there in the last " + backtest.Span(float64(r.Horizon)) + "."
		if end.AtRisk > 0 {
			n.Words += fmt.Sprintf(" %s been silent for longer and will soon count as lost.", backtest.Counted(end.AtRisk, "customer has", "customers have"))
		}

		return n
	}
	n.Words = fmt.Sprintf("%s at risk", backtest.Counted(end.Active, "customer is", "customers are"))
	for i, m := range end.Money[:min(len(end.Money), 3)] {
		n.Words += []string{", and with them ", " and "}[min(i, 1)] + backtest.Amount(m.AtRisk, m.Currency)
	}
	if len(end.Money) > 0 {
		n.Words += " of what they would bring in the next " + backtest.Span(float64(r.Horizon))
	}
	n.Words += "."
	if end.Active > len(end.Customers) {
		n.Words += fmt.Sprintf(" The first %d, most at risk first:", len(end.Customers))
	}
	for i := range end.Customers {
		n.Cards = append(n.Cards, cardOf(r, &end.Customers[i]))
	}

	return n
}

func cardOf(r *backtest.Report, c *backtest.Named) card {
	one := card{
		Customer: c.Portrait.Customer,
		Worth:    fmt.Sprintf("risk %.0f %%", 100*c.Risk),
		Facts:    "silent for " + backtest.Span(float64(r.AtEnd.At-c.Last)),
		Curve:    spark(r, &c.Portrait),
	}
	if c.Value > 0 {
		one.Facts = one.Worth + ", " + one.Facts
		one.Worth = backtest.Amount(c.ValueAtRisk, c.Currency) + " at risk"
	}
	if len(c.Reasons) > 0 {
		one.Reason = c.Reasons[0]
	}

	return one
}
