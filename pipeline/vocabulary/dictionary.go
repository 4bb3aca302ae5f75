package vocabulary

import "slices"

// Dictionary is the names to which a shard has given indexes. It only grows, so
// that another vocabulary renumbers nothing: window keys, what is usual by
// channel, and what is kept of customers go on to mean what they meant. Names
// that a configuration no longer has keep their places.
type Dictionary struct {
	Types    []string
	Channels []string
}

// Limits of a dictionary: what was ever configured.
const (
	MaxTypesEver    = 3 * MaxTypes
	MaxChannelsEver = 256 // indexes have 8 bits
)

// Dictionary is every index that was given.
func (v *Vocabulary) Dictionary() Dictionary {
	d := Dictionary{Channels: v.ChannelNames}
	for i := range v.types {
		d.Types = append(d.Types, v.types[i].Name)
	}

	return d
}

// grown are the names of given, and behind them those that are new.
func grown(given, names []string) []string {
	if len(given) == 0 {
		return names
	}
	all := slices.Clone(given)
	known := make(map[string]bool, len(given))
	for _, name := range given {
		known[name] = true
	}
	for _, name := range names {
		if !known[name] {
			all = append(all, name)
		}
	}

	return all
}
