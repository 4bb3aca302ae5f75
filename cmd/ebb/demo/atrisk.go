package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ebb/cmd/ebb/setting"
	"ebb/cmd/ebb/term"
	"ebb/pipeline/churn"
	"ebb/pipeline/own"
	"ebb/pipeline/shard"
)

// customer is one of those at risk, as they are at the clock of their
// partition.
type customer struct {
	Customer    string    `json:"customer"`
	Level       string    `json:"level"`
	Risk        float64   `json:"risk"`
	Since       time.Time `json:"since"` // when the level was raised
	SilentDays  float64   `json:"silent_days"`
	UsualDays   float64   `json:"usual_days"` // pause between visits; 0 where there is none
	Value       float64   `json:"value"`      // in a horizon, if they go on as before
	ValueAtRisk float64   `json:"value_at_risk"`
	Currency    string    `json:"currency,omitempty"`
	Reason      string    `json:"reason"`  // what speaks most for leaving, beside the silence where there is such a reason
	Reasons     string    `json:"reasons"` // all

	why string // Reason, or a word for it where it says what stands beside it
}

// listedAtRisk is how many customers at risk are listed.
const listedAtRisk = 10

// atRisk lists who is at risk now.
func (r *Report) atRisk(ctx context.Context, instance *own.Instance, language string) error {
	roster, err := instance.Roster(ctx, listedAtRisk)
	if err != nil {
		return fmt.Errorf("list the customers at risk: %w", err)
	}
	r.Clock = roster.Clock
	r.Risky, r.RiskyOnce, r.Lapsed, r.LapsedOnce = roster.Risky, roster.Once, roster.Lapsed, roster.Gone
	for i := range roster.AtRisk {
		r.AtRisk = append(r.AtRisk, demoCustomerOf(language, &roster.AtRisk[i]))
	}

	return nil
}

func demoCustomerOf(language string, c *shard.CustomerReport) customer {
	days := func(ms int64) float64 { return time.Duration(ms*int64(time.Millisecond)).Hours() / 24 }
	texts := make([]string, len(c.Reasons))
	for i := range c.Reasons {
		texts[i] = c.Reasons[i].Text
	}

	reason, why := topReason(language, c)

	return customer{
		Customer: c.Customer, Level: c.Level, Risk: c.Risk, Since: time.UnixMilli(c.Since).UTC(),
		SilentDays: days(c.Rhythm.Silent), UsualDays: days(c.Rhythm.UsualGap),
		Value: c.Value, ValueAtRisk: c.ValueAtRisk, Currency: c.Currency,
		Reason: reason, Reasons: strings.Join(texts, "; "), why: why,
	}
}

// topReason is what speaks most for leaving, and how a list says it: there it
// stands beside how long the customer is silent and how long they usually are, so
// another reason says more, if there is one.
func topReason(language string, c *shard.CustomerReport) (text, why string) {
	for i := range c.Reasons {
		if reason := &c.Reasons[i]; reason.LogOdds > 0 && churn.ListedIn(language, reason.Code) == "" {
			return reason.Text, reason.Text
		}
	}
	if len(c.Reasons) == 0 {
		return "", ""
	}

	return c.Reasons[0].Text, churn.ListedIn(language, c.Reasons[0].Code)
}

// printAtRisk writes a line for each of the customers at risk that are listed, and
// sums up the others.
func (r *Report) printAtRisk(w *term.Writer) {
	now := time.UnixMilli(r.Clock).UTC()
	if named := r.Risky.Customers - r.RiskyOnce.Customers; named > 0 {
		w.Line("")
		w.Folded("At risk on %s: %s%s", now.Format(time.DateOnly), customersText(named), r.shown(named))
		r.listAtRisk(w, now)
	}
	if r.Risky.Customers == 0 && r.Customers > 0 {
		w.Line("\nNobody is at risk on %s.", now.Format(time.DateOnly))
	}
	if once := &r.RiskyOnce; once.Customers > 0 {
		begin := "and "
		if r.Risky.Customers == once.Customers {
			begin = fmt.Sprintf("\nAt risk on %s: ", now.Format(time.DateOnly))
		}
		w.Line("%s%d who came once and not again; the last of them %s ago", begin, once.Customers, roughly(r.Clock-once.Last))
	}
	if l := &r.Lapsed; l.Customers > 0 {
		w.Line("")
		w.Folded("Lapsed, after %s of silence or by their own word: %s, %d of whom came once",
			term.SpanWords(r.HorizonMS), customersText(l.Customers), r.LapsedOnce.Customers)
	}
}

func customersText(n int64) string {
	if n == 1 {
		return "1 customer"
	}

	return fmt.Sprintf("%d customers", n)
}

// shown says which of them are listed.
func (r *Report) shown(all int64) string {
	what := "visits"
	if r.AtRisk[0].ValueAtRisk > 0 {
		what = "money"
	}
	if int64(len(r.AtRisk)) == all {
		return ", those with the most " + what + " to lose first"
	}

	return fmt.Sprintf("; the %d with the most %s to lose", len(r.AtRisk), what)
}

// longestID is how much of a customer's id is shown, in characters.
const longestID = 20

// listAtRisk writes a table whose last column takes what is left of the line.
func (r *Report) listAtRisk(w *term.Writer, now time.Time) {
	amounts, currency := "at risk", r.AtRisk[0].Currency
	for i := range r.AtRisk {
		if r.AtRisk[i].Currency != currency && r.AtRisk[i].ValueAtRisk > 0 {
			currency = ""
		}
	}
	rows := [][]string{{"customer", cmp.Or(currency, amounts), "risk", "since", "silent", "usually", "why"}}
	for i := range r.AtRisk {
		c := &r.AtRisk[i]
		usual := "–"
		if c.UsualDays > 0 {
			usual = roughly(daysMS(c.UsualDays))
		}
		in := c.Currency
		if currency != "" {
			in = "" // it stands above
		}
		rows = append(rows, []string{
			term.Shortened(term.Printable(c.Customer), longestID), amountText(c.ValueAtRisk, in), term.RiskText(c.Risk),
			dateNear(c.Since, now), roughly(daysMS(c.SilentDays)), usual, term.Printable(c.why),
		})
	}
	if r.AtRisk[0].ValueAtRisk == 0 {
		for i := range rows {
			rows[i] = slices.Delete(rows[i], 1, 2)
		}
	}
	for _, line := range term.Fitted(rows, term.TerminalWidth) {
		w.Line("%s", line)
	}
}

func daysMS(days float64) int64 { return int64(days * 24 * float64(time.Hour/time.Millisecond)) }

// amountText is an amount of money as people write it: cents where they matter.
func amountText(amount float64, currency string) string {
	text := fmt.Sprintf("%.2f", amount)
	if amount >= 100 {
		text = fmt.Sprintf("%.0f", amount)
	}

	return strings.TrimSpace(text + " " + currency)
}

// roughly is a length of time as people say it beside others: weeks from three of
// them on, months from ten weeks on, years from two years on.
func roughly(ms int64) string {
	span := time.Duration(ms) * time.Millisecond
	for _, unit := range []struct {
		from, length time.Duration
		name         string
	}{{730 * setting.Day, 365 * setting.Day, "years"}, {70 * setting.Day, 365 * setting.Day / 12, "months"}, {21 * setting.Day, 7 * setting.Day, "weeks"}} {
		if span >= unit.from {
			return fmt.Sprintf("%d %s", (span+unit.length/2)/unit.length, unit.name)
		}
	}

	return term.SpanWords(ms)
}

// dateNear is a time beside another: the hour of the same day, the day of the same
// year, else the month.
func dateNear(at, now time.Time) string {
	switch ago := now.Sub(at); {
	case ago < setting.Day && at.Day() == now.Day():
		return at.Format("15:04")
	case ago < 300*setting.Day:
		return at.Format("2 Jan")
	}

	return at.Format("Jan 2006")
}
