package vocabulary

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"ebb/pipeline/event"
)

// typeBuilder applies configured types to the default ones.
type typeBuilder struct {
	channels   []string
	types      map[string]EventType
	aliases    map[string]alias
	configured map[string]bool // what the configuration has named already
	qualifying map[string]bool // of the types for which it overrides the rule
}

func newTypeBuilder(channels []string) *typeBuilder {
	b := &typeBuilder{
		channels:   channels,
		types:      make(map[string]EventType, len(defaultTypes)),
		aliases:    make(map[string]alias, len(defaultAliases)),
		configured: make(map[string]bool),
		qualifying: make(map[string]bool),
	}

	for _, t := range defaultTypes[:] {
		b.types[t.name] = EventType{
			Name: t.name, Kind: t.kind, Channel: t.channel, Stage: t.stage, Negative: t.negative, Weight: t.weight,
			Money: moneyByDefault(t.name), Ends: endsByDefault(t.name), Contacts: contactsByDefault(t.name), Scale: scaleByDefault(t.name), BySurvey: t.name == SurveyAnswered,
		}
	}

	for _, a := range defaultAliases[:] {
		b.aliases[a.name] = a
	}

	return b
}

// add applies one configured type.
func (b *typeBuilder) add(t TypeConfig) error {
	if err := checkTypeName(t.Type); err != nil {
		return err
	}

	if b.configured[t.Type] {
		return fmt.Errorf("type %q occurs twice; keep one of them", t.Type)
	}

	b.configured[t.Type] = true

	if t.Channel != "" && !slices.Contains(b.channels, t.Channel) {
		return fmt.Errorf("type %q: channel %q is not configured; add it to vocabulary.channels%s", t.Type, t.Channel, suggestion(t.Channel, b.channels))
	}

	if t.AliasOf != "" {
		return b.addAlias(t)
	}

	return b.addType(t)
}

func (b *typeBuilder) addAlias(t TypeConfig) error {
	if t.meansSomething() {
		return fmt.Errorf("type %q: an alias takes everything but the channel from %q; leave the rest out", t.Type, t.AliasOf)
	}

	if t.Type == t.AliasOf {
		return fmt.Errorf("type %q: alias_of names the type itself; name another one", t.Type)
	}

	if t.Type == ForgottenType || t.AliasOf == ForgottenType {
		return fmt.Errorf("type %q: %s has no other name: what is to be erased is found by it; send it as it is", t.Type, ForgottenType)
	}

	delete(b.types, t.Type)
	b.aliases[t.Type] = alias{name: t.Type, of: t.AliasOf, channel: t.Channel}

	return nil
}

func (b *typeBuilder) addType(t TypeConfig) error {
	merged, known := b.types[t.Type]
	if !known {
		if t.Kind == "" {
			return fmt.Errorf("type %q is new; give its kind: passive, micro, active or exposure%s", t.Type, suggestion(t.Type, slices.Collect(maps.Keys(b.types))))
		}

		merged = EventType{Name: t.Type, Channel: ChannelNone, Weight: 1, Scale: scaleByDefault(t.Type), BySurvey: t.Type == SurveyAnswered}
	}

	if t.Kind != "" {
		kind, err := ParseKind(t.Kind)
		if err == nil && kind == Unknown {
			err = errors.New("kind unknown is for types that are not configured; use passive, micro, active or exposure")
		}

		if err != nil {
			return fmt.Errorf("type %q: %w", t.Type, err)
		}

		merged.Kind = kind
	}

	if t.Stage != "" {
		stage, err := ParseStage(t.Stage)
		if err != nil {
			return fmt.Errorf("type %q: %w", t.Type, err)
		}

		merged.Stage = stage
	}

	if t.Channel != "" {
		merged.Channel = t.Channel
	}

	if t.Negative != nil {
		merged.Negative = *t.Negative
	}

	if t.Weight != nil {
		if !isWeight(*t.Weight) {
			return fmt.Errorf("type %q: weight %v is not from 0 to %d", t.Type, *t.Weight, maxWeight)
		}

		merged.Weight = *t.Weight
	}

	if err := merged.tell(t); err != nil {
		return err
	}

	if t.Qualifying != nil {
		if *t.Qualifying && merged.Kind == Exposure {
			return fmt.Errorf("type %q: an exposure is what the company does, so it never qualifies; leave qualifying out, or give the type another kind", t.Type)
		}

		b.qualifying[t.Type] = *t.Qualifying
	}

	delete(b.aliases, t.Type)
	b.types[t.Type] = merged

	return nil
}

// checkAliases checks that every alias names a type. It comes last, so that
// the order of the configuration doesn't matter. A default alias of a type that
// the configuration made an alias follows it.
func (b *typeBuilder) checkAliases() error {
	names := slices.Sorted(maps.Keys(b.types))

	for _, name := range slices.Sorted(maps.Keys(b.aliases)) {
		a := b.aliases[name]

		if _, ok := b.types[a.of]; ok {
			continue
		}

		next, ok := b.aliases[a.of]

		switch {
		case !ok:
			return fmt.Errorf("type %q: alias_of names %q, which is no type%s", name, a.of, suggestion(a.of, names))
		case b.configured[name]:
			return fmt.Errorf("type %q: alias_of names %q, which is an alias itself; name a type", name, a.of)
		}

		b.aliases[name] = alias{name: name, of: next.of, channel: cmp.Or(a.channel, next.channel)}
	}

	return nil
}

func checkTypeName(name string) error {
	switch {
	case name == "":
		return errors.New("type is empty; name it object.verb, such as page.viewed")
	case len(name) > event.MaxTypeBytes:
		return fmt.Errorf("type %s has %d bytes; use at most %d", event.Printable(name, event.MaxRefusalValue), len(name), event.MaxTypeBytes)
	case !utf8.ValidString(name), event.HasControl(name):
		return fmt.Errorf("type %s: use UTF-8 without control characters", event.Printable(name, event.MaxRefusalValue))
	case name == UnknownType:
		return fmt.Errorf("type %q is the one of all types that are not configured; choose another name", name)
	}

	return nil
}
