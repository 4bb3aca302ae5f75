package vocabulary

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// Channels that need no configuration beside the configured ones.
const (
	ChannelOther = "other" // of events whose channel isn't configured
	ChannelNone  = "none"  // of events that have none
)

// wholeFeed is how metrics call the input of all channels.
const wholeFeed = "all"

// UnknownType is the name under which events count whose type the vocabulary
// doesn't have.
const UnknownType = "unknown"

// ForgottenType is the type of events that have their customer forgotten. It counts
// in nothing, whatever a configuration says of it.
const ForgottenType = "customer.forgotten"

// Limits of a vocabulary.
const (
	MaxTypes        = 4096 // without the unknown one
	maxChannels     = 250
	maxChannelBytes = 64
	maxWeight       = 1000
)

// What to do with an event whose type the vocabulary doesn't have.
const (
	AcceptUnknown = "accept" // count it under kind and type "unknown"
	RejectUnknown = "reject" // make it a dead letter
)

// EventType is one type of event and what it means.
type EventType struct {
	Name     string
	Kind     Kind
	Channel  string // of an event that doesn't name its own
	Stage    Stage
	Negative bool    // a signal against the relation, such as unsubscribed
	Weight   float64 // 0 to 1000, relative to a page view, for scores that people read

	// Qualifying says whether events of the type count against silence, unless
	// a machine made them. Where the configuration doesn't say, micro and
	// active types that are not negative do.
	Qualifying bool

	Money    Money // what the value of events of the type is
	Ends     bool  // ends the relation, as by contract
	Contacts bool  // is a message that the company sends
	Scale    Scale // of the score that events of the type carry

	// BySurvey says that the events are answers to any survey, each on the scale of
	// the survey that properties.survey names; Scale is that of the others.
	BySurvey bool
}

// Config changes the default vocabulary.
type Config struct {
	UnknownTypes string       `yaml:"unknown_types" json:"unknown_types,omitempty"` // accept (default) or reject
	Channels     []string     `yaml:"channels" json:"channels,omitempty"`           // beside the default ones
	Types        []TypeConfig `yaml:"types" json:"types,omitempty"`
}

// TypeConfig adds a type, changes one, or gives one another name. What it
// leaves out stays as it is; a new type needs its kind, and has no channel, no
// stage and weight 1 where it doesn't say.
type TypeConfig struct {
	Type     string   `yaml:"type" json:"type"`
	Kind     string   `yaml:"kind" json:"kind,omitempty"`
	Channel  string   `yaml:"channel" json:"channel,omitempty"`
	Stage    string   `yaml:"stage" json:"stage,omitempty"`
	Negative *bool    `yaml:"negative" json:"negative,omitempty"`
	Weight   *float64 `yaml:"weight" json:"weight,omitempty"`

	// Qualifying overrides the rule by which events of the type count against
	// silence: micro and active ones do, unless they are negative. An exposure
	// never does.
	Qualifying *bool `yaml:"qualifying" json:"qualifying,omitempty"`

	// Money says that the value of events of the type is what the customer pays
	// ("+") or gets back ("-", whatever its sign), or neither ("none").
	Money string `yaml:"money" json:"money,omitempty"`

	Ends     *bool  `yaml:"ends" json:"ends,omitempty"`         // ends the relation: canceled, uninstalled
	Contacts *bool  `yaml:"contacts" json:"contacts,omitempty"` // is a message that the company sends
	Scale    *Scale `yaml:"scale" json:"scale,omitempty"`       // of the score

	// AliasOf names the type that Type is another name of. Beside it only
	// Channel may stand.
	AliasOf string `yaml:"alias_of" json:"alias_of,omitempty"`
}

// Vocabulary is the table of event types and channels. It never changes, so
// goroutines can share it.
type Vocabulary struct {
	types         []EventType // by name, the unknown type last; then what came later, see Dictionary
	ChannelNames  []string    // by name, then other and none; then what came later
	unknown       int         // index of the unknown type
	byName        map[string]classification
	places        nameIndex // of most of byName
	channelIndex  map[string]uint8
	rejectUnknown bool
}

// DefaultVocabulary is the vocabulary without configuration.
func DefaultVocabulary() *Vocabulary {
	v, err := NewVocabulary(Config{})
	if err != nil {
		panic(err) // the default table is wrong, which a test rules out
	}

	return v
}

// NewVocabulary applies a configuration to the default vocabulary. The same
// types and channels get the same indexes whatever their order.
func NewVocabulary(config Config) (*Vocabulary, error) {
	return Grow(config, Dictionary{})
}

// Grow is NewVocabulary where indexes were given before: those stay.
func Grow(config Config, given Dictionary) (*Vocabulary, error) {
	v := &Vocabulary{}

	switch config.UnknownTypes {
	case "", AcceptUnknown:
	case RejectUnknown:
		v.rejectUnknown = true
	default:
		return nil, fmt.Errorf("vocabulary.unknown_types: %q is neither accept nor reject", config.UnknownTypes)
	}

	channels, err := v.setChannels(config.Channels, given.Channels)
	if err != nil {
		return nil, err
	}

	b := newTypeBuilder(channels)

	for i, t := range config.Types {
		if err := b.add(t); err != nil {
			return nil, fmt.Errorf("vocabulary.types[%d]: %w", i, err)
		}
	}

	if len(b.types) > MaxTypes {
		return nil, fmt.Errorf("vocabulary.types: %d types; use at most %d", len(b.types), MaxTypes)
	}

	if err := b.checkAliases(); err != nil {
		return nil, fmt.Errorf("vocabulary.types: %w", err)
	}

	if err := v.index(b, given.Types); err != nil {
		return nil, err
	}

	return v, nil
}

// Types are the event types by name, the unknown type last. Class.Type is an
// index of it. The slice is the caller's.
func (v *Vocabulary) Types() []EventType { return slices.Clone(v.types) }

// TypeName is the name of a type, by Class.Type.
func (v *Vocabulary) TypeName(index uint16) string { return v.types[index].Name }

// Weight is the weight of a type, by Class.Type; 0 of one that the vocabulary doesn't
// have.
func (v *Vocabulary) Weight(index uint16) float64 { return v.types[index].Weight }

// Channels are the channels by name, then other and none. Class.Channel is an
// index of it. The slice is the caller's.
func (v *Vocabulary) Channels() []string { return slices.Clone(v.ChannelNames) }

// setChannels adds the configured channels to the default ones, and returns all
// that events can have. Those of given have their indexes.
func (v *Vocabulary) setChannels(configured, given []string) ([]string, error) {
	channels := slices.Clone(defaultChannels[:])

	for i, name := range configured {
		if name == wholeFeed {
			return nil, fmt.Errorf("vocabulary.channels[%d]: %q is what all channels together are called; choose another name", i, name)
		}

		if !isChannelName(name) {
			return nil, fmt.Errorf("vocabulary.channels[%d]: %q is no name of a channel; use 1 to %d characters of a-z 0-9 _ -", i, name, maxChannelBytes)
		}

		if name != ChannelOther && name != ChannelNone && !slices.Contains(channels, name) {
			channels = append(channels, name)
		}
	}

	if len(channels) > maxChannels {
		return nil, fmt.Errorf("vocabulary.channels: %d channels; use at most %d", len(channels), maxChannels)
	}

	slices.Sort(channels)
	channels = append(channels, ChannelOther, ChannelNone)
	v.ChannelNames = grown(given, channels)
	if len(v.ChannelNames) > MaxChannelsEver {
		return nil, fmt.Errorf("vocabulary.channels: %d with those of former configurations, which keep their places; use at most %d, such as names that were used before",
			len(v.ChannelNames), MaxChannelsEver)
	}
	v.channelIndex = make(map[string]uint8, len(channels))

	for i, name := range v.ChannelNames {
		if slices.Contains(channels, name) {
			v.channelIndex[name] = uint8(i)
		}
	}

	return channels, nil
}

// index makes the table that Classify reads. Types of given have their indexes;
// those that the configuration no longer has are of kind unknown.
func (v *Vocabulary) index(b *typeBuilder, given []string) error {
	names := slices.Sorted(maps.Keys(b.types))
	names = grown(given, append(names, UnknownType))
	if len(names) > MaxTypesEver {
		return fmt.Errorf("vocabulary.types: %d with those of former configurations, which keep their places; use at most %d, such as names that were used before",
			len(names), MaxTypesEver)
	}
	v.byName = make(map[string]classification, len(b.types)+len(b.aliases))

	for i, name := range names {
		t, ok := b.types[name]
		if !ok {
			t = EventType{Name: name, Kind: Unknown, Channel: ChannelNone}
		}
		if name == UnknownType {
			v.unknown = i
		}

		t.Qualifying = (t.Kind == Micro || t.Kind == Active) && !t.Negative

		if override, ok := b.qualifying[name]; ok {
			t.Qualifying = override
		}

		v.types = append(v.types, t)
	}

	for i, t := range v.types {
		if _, ok := b.types[t.Name]; ok {
			v.byName[t.Name] = v.classify(i, t.Channel)
			v.places.add(t.Name, v.byName[t.Name])
		}
	}

	for _, a := range b.aliases {
		c := v.byName[a.of]

		if a.channel != "" {
			c = v.classify(int(c.class.Type), a.channel)
		}

		v.byName[a.name] = c
		v.places.add(a.name, c)
	}

	return nil
}

func isChannelName(s string) bool {
	if s == "" || len(s) > maxChannelBytes {
		return false
	}

	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '_', c == '-':
		default:
			return false
		}
	}

	return true
}

func isWeight(w float64) bool {
	return w >= 0 && w <= maxWeight && !math.IsNaN(w)
}
