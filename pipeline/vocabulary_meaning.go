package pipeline

import (
	"fmt"
	"math"
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

// endsByDefault says which default types end the relation.
func endsByDefault(name string) bool {
	return name == "app.uninstalled" || name == "subscription.canceled"
}

// contactsByDefault says which default type is a message of the company. What
// was delivered or bounced was sent before.
func contactsByDefault(name string) bool { return name == "message.sent" }

// scaleByDefault is that of how likely one is to recommend, the usual question
// of surveys.
func scaleByDefault(name string) Scale {
	if name == "survey.answered" {
		return Scale{Worst: 0, Best: 10}
	}

	return Scale{}
}

// meansSomething says whether a configured type has what an alias can't.
func (t *TypeConfig) meansSomething() bool {
	return t.Kind != "" || t.Stage != "" || t.Negative != nil || t.Weight != nil || t.Qualifying != nil ||
		t.Ends != nil || t.Contacts != nil || t.Scale != nil
}

// tell takes what the configuration says of the relation.
func (e *EventType) tell(t TypeConfig) error {
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

		e.Scale = *t.Scale
	}

	return nil
}
