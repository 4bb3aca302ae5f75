package vocabulary

import (
	"cmp"
	"slices"
)

// Alias is another name of a type.
type Alias struct {
	Name    string
	Of      string // the type
	Channel string // of events that name none; that of the type where the alias doesn't say
}

// Aliases are the other names of the types, by name.
func (v *Vocabulary) Aliases() []Alias {
	var aliases []Alias
	for name, c := range v.byName {
		if of := v.types[c.class.Type].Name; of != name {
			aliases = append(aliases, Alias{Name: name, Of: of, Channel: c.channel})
		}
	}
	slices.SortFunc(aliases, func(a, b Alias) int { return cmp.Compare(a.Name, b.Name) })

	return aliases
}

// RejectsUnknown says that events of types that the vocabulary lacks become dead
// letters.
func (v *Vocabulary) RejectsUnknown() bool { return v.rejectUnknown }
