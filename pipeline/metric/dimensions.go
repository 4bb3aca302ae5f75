package metric

import "ebb/pipeline/event"

// Channel is the channel as the vocabulary knows it, else other or none.
func Channel() Dimension {
	return Dimension{
		Name: "channel", Definition: "channel of the event, or of its type where the event has none; other, none",
		Of: func(e *Event) string { return e.Vocabulary.ChannelNames[e.Class.Channel] },
	}
}

// Currency is the currency of the event's value.
func Currency() Dimension {
	return field("currency", "ISO 4217, of the value; empty for events without one, or whose value has none", func(e *Event) []byte {
		if !e.Has(event.HasValue) {
			return nil
		}

		return e.Currency
	})
}

// Campaign is the field campaign.
func Campaign() Dimension {
	return field("campaign", "field campaign; empty where the event has none", func(e *Event) []byte { return e.Campaign })
}

// withoutCampaign is the code of the channel and the campaign, where there is none.
func (e *Event) withoutCampaign() (uint32, bool) {
	return uint32(e.Class.Channel), len(e.Campaign) == 0
}

// field is a dimension of bytes of the event.
func field(name, definition string, of func(e *Event) []byte) Dimension {
	return Dimension{Name: name, Definition: definition, Field: of, Of: func(e *Event) string { return string(of(e)) }}
}

// Kind is the kind of the event's type.
func Kind() Dimension {
	return Dimension{
		Name: "kind", Definition: "passive, micro, active, exposure or unknown",
		Of: func(e *Event) string { return e.Class.Kind.String() },
	}
}

// Type is the event's type as the vocabulary knows it, else unknown.
func Type() Dimension {
	return Dimension{
		Name: "type", Definition: "type of the event in the vocabulary, aliases resolved; unknown",
		Of: func(e *Event) string { return e.Vocabulary.TypeName(e.Class.Type) },
	}
}
