package backtest

import (
	"fmt"
	"math"
	"strings"
)

// Verdict is what the signals were worth, in sentences for whoever pays for
// them. A sentence about which there is nothing to say is empty.
type Verdict struct {
	Headline string // how many of those told of were lost, and how many of the lost were told of
	Promise  string // what the risks had promised, and what in time means
	Often    string // how many signals that is
	Money    string // what those told of were worth
	Rule     string // what silence alone would have been worth
	Advice   string // what to set, where there is little to act on
}

// rareRecall is a recall in time at which signals hardly ever come in time.
const rareRecall = 0.05

// Verdict says what the signals were worth.
func (r *Report) Verdict() Verdict {
	s := &r.Signals
	v := Verdict{Headline: r.headline(), Often: r.often(), Money: r.money(), Rule: r.rule()}
	if s.Raised > 0 && defined(s.Promised) {
		v.Promise = fmt.Sprintf("Their risks had promised %s.", OfMany(s.Promised, s.Raised))
	}
	if s.Losses > 0 {
		v.Promise = strings.TrimSpace(v.Promise + fmt.Sprintf(" In time is before %s of silence.", Span(inTime*float64(r.Horizon))))
	}
	if s.Losses > 0 && s.RecallInTime < rareRecall {
		v.Advice = r.advice()
	}

	return v
}

// Sentences are those that there are, in the order in which they are read.
func (v *Verdict) Sentences() []string {
	var list []string
	for _, sentence := range []string{v.Headline, v.Promise, v.Often, v.Money, v.Rule, v.Advice} {
		if sentence != "" {
			list = append(list, sentence)
		}
	}

	return list
}

func (r *Report) headline() string {
	s, horizon := &r.Signals, Span(float64(r.Horizon))
	if s.Raised == 0 && s.Losses == 0 {
		return fmt.Sprintf("Nobody stayed away for %s, and we would have told you of nobody: there is nothing here to judge signals by.", horizon)
	}
	if s.Raised == 0 && s.RecallInTime > 0 {
		return fmt.Sprintf("We would have told you of nobody new in the time that can be judged. Customers stayed away for %s %s; %s told in time, before it began.",
			horizon, times(s.Losses), toldInTime(s.RecallInTime, s.Losses))
	}
	if s.Raised == 0 {
		return fmt.Sprintf("We would have told you of nobody, although customers stayed away for %s %s.", horizon, times(s.Losses))
	}
	var b strings.Builder
	if s.Raised < hundred {
		fmt.Fprintf(&b, "We would have told you of a customer %s; %s within %s", times(s.Raised), outcome(s.Precision, s.Raised), horizon)
	} else {
		fmt.Fprintf(&b, "Of 100 customers we would have told you about, %s did not come back within %s", outOf100(s.Precision), horizon)
	}
	if s.Losses == 0 {
		b.WriteString("; nobody was lost.")
	} else {
		fmt.Fprintf(&b, "; %s told in time.", toldInTime(s.RecallInTime, s.Losses))
	}
	if defined(s.DaysAfter) {
		fmt.Fprintf(&b, " Half of the messages come within %s of the last visit.", Span(float64(s.DaysAfter)*float64(dayMS)))
	}

	return b.String()
}

// toldInTime says how many losses were, with the verb.
func toldInTime(recall Number, of int) string {
	if of == 1 || of < hundred && math.Round(float64(recall)*float64(of)) == 1 {
		return losses(recall, of) + " was"
	}

	return losses(recall, of) + " were"
}

// outcome is what became of so few signals.
func outcome(precision Number, of int) string {
	switch lost := int(math.Round(float64(precision) * float64(of))); {
	case of == 1 && lost == 1:
		return "they did not come back"
	case of == 1:
		return "they came back"
	case lost == 0:
		return "each time they came back"
	case lost == of:
		return "each time they did not come back"
	default:
		return times(lost) + " they did not come back"
	}
}

func (r *Report) often() string {
	s := &r.Signals
	often := Often(float64(s.PerDay))
	if s.Raised == 0 || often == "" {
		return ""
	}
	often = "That is about " + often
	if share := float64(s.ShareSignalled); share > 0 && !math.IsInf(share, 0) {
		often += fmt.Sprintf(", or %s for every 100 active customers in %s", fewer(100*share), Span(float64(r.Horizon)))
	}

	return often + "."
}

// moneyWords is how many currencies a sentence names.
const moneyWords = 3

func (r *Report) money() string {
	list := r.Signals.Money
	if len(list) == 0 {
		return ""
	}
	var brought, lost []string
	for _, m := range list[:min(len(list), moneyWords)] {
		brought = append(brought, Amount(m.Value, m.Currency))
		lost = append(lost, Amount(m.Lost, m.Currency))
	}
	more := ""
	if len(list) > moneyWords {
		more = fmt.Sprintf(" (and amounts in %s more)", Counted(len(list)-moneyWords, "currency", "currencies"))
	}

	return fmt.Sprintf("Those told of used to bring %s in %s%s; the ones who did not come back, %s.",
		joined(brought), Span(float64(r.Horizon)), more, joined(lost))
}

func (r *Report) rule() string {
	s, rule := &r.Signals, &r.RuleSilentFor
	if s.Raised == 0 || rule.Raised == 0 || !defined(rule.Days) || !defined(rule.Precision) {
		return ""
	}
	text := fmt.Sprintf("As many messages about whoever is silent for %s would have been right for %s", Span(float64(rule.Days)*float64(dayMS)), OfMany(rule.Precision, rule.Raised))
	if s.Losses > 0 {
		text += fmt.Sprintf(", and in time for %s", losses(rule.RecallInTime, s.Losses))
	}
	text += "."
	if rule.Precision >= s.Precision && !(rule.RecallInTime < s.RecallInTime) {
		text += " On this file that plain rule does no worse."
	}

	return text
}

// advice is what lets more signals come in time.
func (r *Report) advice() string {
	if r.Churn.AtRiskAt == 0 {
		return "Few silences become so risky in time: raise churn.in_time, lower churn.least_risk, or take a longer --horizon."
	}

	return "Few silences become so risky in time: lower churn.at_risk_at (--thresholds shows what it costs), or take a longer --horizon."
}
