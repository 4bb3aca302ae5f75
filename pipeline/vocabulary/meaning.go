package vocabulary

import (
	"fmt"
	"math"
	"strings"

	"ebb/pipeline/amount"
)

// Scale is that of a score: which number is the worst and which the best. It
// may fall. The zero Scale says that scores of the type tell nothing.
type Scale struct {
	Worst float64 `yaml:"worst" json:"worst"`
	Best  float64 `yaml:"best" json:"best"`
}

// rate is where a score lies between the worst, -1, and the best, 1. Scores
// beyond the scale count as its ends.
func (s Scale) rate(score float64) (float64, bool) {
	if s.Worst == s.Best {
		return 0, false
	}

	return min(max(2*(score-s.Worst)/(s.Best-s.Worst)-1, -1), 1), true
}

// Money says what the value of an event is.
type Money int8

// What a value is. Amounts of all other types, such as carts, are nothing that
// anybody has paid.
const (
	MoneyNone Money = 0
	MoneyIn   Money = 1  // "+": paid; an amount below 0 is given back
	MoneyOut  Money = -1 // "-": given back, whatever the sign of the amount
)

// String is what ParseMoney reads.
func (m Money) String() string {
	switch m {
	case MoneyIn:
		return "+"
	case MoneyOut:
		return "-"
	}

	return "none"
}

// ParseMoney reads +, - or none.
func ParseMoney(text string) (Money, error) {
	switch text {
	case "+":
		return MoneyIn, nil
	case "-":
		return MoneyOut, nil
	case "none":
		return MoneyNone, nil
	}

	return MoneyNone, fmt.Errorf("money is %q; write \"+\" where the value is what the customer pays, \"-\" where it is given back, or none", text)
}

// of is what an amount means.
func (m Money) of(value amount.Amount) float64 {
	switch m {
	case MoneyIn:
		return value.Units()
	case MoneyOut:
		return -value.Abs().Units()
	}

	return 0
}

// moneyByDefault says which default types carry money.
func moneyByDefault(name string) Money {
	switch name {
	case "order.completed", "subscription.renewed":
		return MoneyIn
	case "order.returned":
		return MoneyOut
	}

	return MoneyNone
}

// endsByDefault says which default types end the relation.
func endsByDefault(name string) bool {
	return name == "app.uninstalled" || name == "subscription.canceled"
}

// contactsByDefault says which default type is a message of the company. What
// was delivered or bounced was sent before.
func contactsByDefault(name string) bool { return name == "message.sent" }

// scaleByDefault is of answers to surveys that of how likely one is to recommend, the
// usual question, unless the type says of which survey they are.
func scaleByDefault(name string) Scale {
	survey, found := strings.CutPrefix(name, surveyPrefix)
	switch scale, known := surveyScale(survey); {
	case name == SurveyAnswered:
		return Scale{Worst: 0, Best: 10}
	case found && known:
		return scale
	}

	return Scale{}
}

// meansSomething says whether a configured type has what an alias can't.
func (t *TypeConfig) meansSomething() bool {
	return t.Kind != "" || t.Stage != "" || t.Negative != nil || t.Weight != nil || t.Qualifying != nil ||
		t.Money != "" || t.Ends != nil || t.Contacts != nil || t.Scale != nil
}

// tell takes what the configuration says of the relation.
func (e *EventType) tell(t TypeConfig) error {
	if t.Money != "" {
		money, err := ParseMoney(t.Money)
		if err != nil {
			return fmt.Errorf("type %q: %w", t.Type, err)
		}

		e.Money = money
	}

	if t.Ends != nil {
		e.Ends = *t.Ends
	}

	if t.Contacts != nil {
		if *t.Contacts && e.Kind != Exposure {
			return fmt.Errorf("type %q: contacts is for what the company sends; give the type the kind exposure, or leave contacts out", t.Type)
		}

		e.Contacts = *t.Contacts
	}

	if t.Scale != nil {
		if math.IsInf(t.Scale.Best-t.Scale.Worst, 0) || math.IsNaN(t.Scale.Best-t.Scale.Worst) {
			return fmt.Errorf("type %q: scale is from %v to %v; give two numbers, the worst score and the best", t.Type, t.Scale.Worst, t.Scale.Best)
		}

		e.Scale, e.BySurvey = *t.Scale, false
	}

	return nil
}
