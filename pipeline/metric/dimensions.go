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
	return Dimension{
		Name: "currency", Definition: "ISO 4217, of the value; empty for events without one, or whose value has none",
		Of: func(e *Event) string {
			if !e.Has(event.HasValue) {
				return ""
			}

			return string(e.Currency)
		},
	}
}

// Campaign is the field campaign.
func Campaign() Dimension {
	return Dimension{
		Name: "campaign", Definition: "field campaign; empty where the event has none",
		Of: func(e *Event) string { return string(e.Campaign) },
	}
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
