package vocabulary

import (
	"cmp"
	"slices"

	"ebb/pipeline/event"
)

// TypeName is a name under which events may come: that of a type, or an alias.
type TypeName struct {
	Name       string // as producers write it
	Type       string // as it stands in rows
	Kind       Kind
	Channel    string // of events that name none
	Stage      Stage  // of the journey
	Qualifying bool   // by a person, it counts against silence
	Money      Money
	Ends       bool  // by a person, it ends the relation
	Negative   bool  // by a person, it speaks against the relation
	Contacts   bool  // it is a message of the company
	Scale      Scale // of its score
	BySurvey   bool  // the scale is that of the survey which the event names, where that has one
	Weight     float64
}

// Names lists every name that Classify knows, by name.
func (v *Vocabulary) Names() []TypeName {
	names := make([]TypeName, 0, len(v.byName))
	for name, c := range v.byName {
		names = append(names, TypeName{
			Name: name, Type: v.types[c.class.Type].Name, Kind: c.class.Kind, Channel: c.channel, Stage: c.class.Stage,
			Qualifying: c.class.Qualifying, Ends: c.class.Ends, Negative: c.class.Negative,
			Money: c.class.Money, Contacts: c.class.Contacts, Scale: v.types[c.class.Type].Scale, BySurvey: v.types[c.class.Type].BySurvey,
			Weight: v.types[c.class.Type].Weight,
		})
	}
	slices.SortFunc(names, func(a, b TypeName) int { return cmp.Compare(a.Name, b.Name) })

	return names
}

// Currencies lists the currency codes that an event may have, in order.
func Currencies() []string {
	var codes []string
	for a := byte('A'); a <= 'Z'; a++ {
		for b := byte('A'); b <= 'Z'; b++ {
			for c := byte('A'); c <= 'Z'; c++ {
				if code := []byte{a, b, c}; event.IsCurrency(code) {
					codes = append(codes, string(code))
				}
			}
		}
	}

	return codes
}
