package vocabulary

import "ebb/pipeline/event"

// Class is what an event means.
type Class struct {
	Type       uint16 // index of Vocabulary.Types; the last one for unknown types
	Kind       Kind
	Channel    uint8 // index of Vocabulary.Channels
	Negative   bool
	Qualifying bool    // counts against silence: of a type that does, by a person
	Money      Money   // what the value of the event is
	Ends       bool    // ends the relation
	Contacts   bool    // is a message of the company
	Machine    bool    // done by a scanner or a bot; not of what the company does, which is never a person
	Stage      Stage   // of the type
	Weight     float64 // of the type
	Forgets    bool    // has the customer forgotten, and is no engagement
}

// classification is the class of a name as far as the name tells it.
type classification struct {
	class   Class
	channel string // of events that don't name one
}

// Classify looks the event's type up. The event's own channel counts before
// that of the type. The error is a *Refusal for ReasonUnknownType, where the
// vocabulary rejects unknown types.
func (v *Vocabulary) Classify(ev *event.Event) (Class, error) {
	c, ok := v.places.find(ev.Type)
	if !ok {
		other, err := v.lookUp(ev.Type)
		if err != nil {
			return Class{}, err
		}

		c = &other
	}

	class := c.class

	if len(ev.Channel) > 0 && string(ev.Channel) != c.channel {
		class.Channel = v.channelOf(ev.Channel)
	}

	if ev.Machine && class.Kind != Exposure {
		class.Machine, class.Qualifying = true, false
	}

	return class, nil
}

// lookUp is the classification of any name.
func (v *Vocabulary) lookUp(name []byte) (classification, error) {
	c, ok := v.byName[string(name)]
	if !ok && v.rejectUnknown {
		return c, event.Refuse(event.ReasonUnknownType, "type", name, "add it to vocabulary, or set unknown_types to accept")
	}
	if !ok {
		c = v.classify(v.unknown, ChannelNone)
	}

	return c, nil
}

// ChannelOf is the channel of events of a type that name none themselves; false
// where the vocabulary lacks the type.
func (v *Vocabulary) ChannelOf(name []byte) (string, bool) {
	c, ok := v.byName[string(name)]

	return c.channel, ok
}

// channelOf is the index of a channel; that of other where it is not
// configured.
func (v *Vocabulary) channelOf(name []byte) uint8 {
	if i, ok := v.channelIndex[string(name)]; ok {
		return i
	}

	return v.channelIndex[ChannelOther]
}

// classify is the class of events of a type that come without a channel.
func (v *Vocabulary) classify(i int, channel string) classification {
	t := v.types[i]

	return classification{
		channel: channel,
		class: Class{
			Type:       uint16(i),
			Kind:       t.Kind,
			Channel:    v.channelIndex[channel],
			Negative:   t.Negative,
			Qualifying: t.Qualifying,
			Money:      t.Money,
			Ends:       t.Ends,
			Contacts:   t.Contacts,
			Stage:      t.Stage,
			Weight:     t.Weight,
			Forgets:    t.Name == ForgottenType,
		},
	}
}
