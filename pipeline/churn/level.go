package churn

import "fmt"

// Level is how far a customer's engagement has ebbed away.
type Level uint8

// The levels, from good to bad.
const (
	Healthy Level = iota
	Cooling
	AtRisk
	Lapsed
	Levels = 4 // how many there are
)

// String is the level's name in signals, subjects and rows.
func (l Level) String() string {
	switch l {
	case Healthy:
		return "healthy"
	case Cooling:
		return "cooling"
	case AtRisk:
		return "at_risk"
	case Lapsed:
		return "lapsed"
	}

	return fmt.Sprintf("level(%d)", uint8(l))
}

// ParseLevel reads what String writes.
func ParseLevel(name string) (Level, error) {
	for level := range Level(Levels) {
		if name == level.String() {
			return level, nil
		}
	}

	return Healthy, fmt.Errorf("churn: no level is called %q; use healthy, cooling, at_risk or lapsed", name)
}

// MarshalText writes the level's name.
func (l Level) MarshalText() ([]byte, error) {
	if l >= Levels {
		return nil, fmt.Errorf("churn: %v has no name", l)
	}

	return []byte(l.String()), nil
}

// UnmarshalText reads the level's name.
func (l *Level) UnmarshalText(text []byte) error {
	parsed, err := ParseLevel(string(text))
	if err != nil {
		return err
	}
	*l = parsed

	return nil
}
