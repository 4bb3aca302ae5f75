package vocabulary

import "fmt"

// Kind says what an event tells about the customer.
type Kind uint8

// The kinds. Their order is that of growing effort; it is part of stored
// state, so it doesn't change.
const (
	Passive  Kind = iota // was reached: opened, viewed
	Micro                // small step: clicked, searched
	Active               // did something that takes intent
	Exposure             // what the company sent or spent; never engagement
	Unknown              // a type that the vocabulary doesn't have
	Kinds    = 5         // how many there are
)

var kindNames = [Kinds]string{"passive", "micro", "active", "exposure", "unknown"}

// String is the kind's name: passive, micro, active, exposure or unknown.
func (k Kind) String() string { return nameOf(kindNames[:], int(k), "kind") }

// ParseKind reads what String writes.
func ParseKind(name string) (Kind, error) {
	k, err := parseName(kindNames[:], name, "kind")

	return Kind(k), err
}

// Stage is a step of the customer journey.
type Stage uint8

// The stages of the journey, in its order. StageNone is that of exposures and
// of types without one.
const (
	StageNone Stage = iota
	Awareness
	Consideration
	Preference
	Purchase
	Loyalty
	StageCount = 6 // how many there are, StageNone included
)

var stageNames = [StageCount]string{"none", "awareness", "consideration", "preference", "purchase", "loyalty"}

// String is the stage's name, or none.
func (s Stage) String() string { return nameOf(stageNames[:], int(s), "stage") }

// ParseStage reads what String writes.
func ParseStage(name string) (Stage, error) {
	s, err := parseName(stageNames[:], name, "stage")

	return Stage(s), err
}

func nameOf(names []string, i int, what string) string {
	if i < len(names) {
		return names[i]
	}

	return fmt.Sprintf("%s(%d)", what, i)
}

func parseName(names []string, name, what string) (int, error) {
	for i, n := range names {
		if n == name {
			return i, nil
		}
	}

	return 0, fmt.Errorf("%s %q is none of %q%s", what, name, names, suggestion(name, names))
}
