package replay

// field is a field of the native event that a mapping can fill.
type field uint8

const (
	fieldID field = iota
	fieldTime
	fieldCustomer
	fieldAnonymousID
	fieldType
	fieldChannel
	fieldSession
	fieldDevice
	fieldCampaign
	fieldMessage
	fieldProduct
	fieldValue
	fieldCurrency
	fieldScore
	fieldSentiment
	fieldDuration
	fieldProgress
	fieldMachine
	fieldReceivedAt
	fieldProperties
	fieldArrival  // the record's clock; not a field of the event
	fieldTypeKind // what the type's kind is where the vocabulary lacks the type; not a field of the event
	fieldCount
)

// fieldKind says how a field is written as JSON.
type fieldKind uint8

const (
	kindText fieldKind = iota
	kindTime
	kindNumber
	kindTruth
	kindObject
)

// fieldName is the field's name in mappings and in the native event.
func (f field) String() string {
	return [...]string{
		"id", "time", "customer", "anonymous_id", "type", "channel", "session", "device", "campaign", "message",
		"product", "value", "currency", "score", "sentiment", "duration", "progress", "machine", "received_at",
		"properties", "arrival", "kind",
	}[f]
}

func (f field) kind() fieldKind {
	switch f {
	case fieldTime, fieldReceivedAt, fieldArrival:
		return kindTime
	case fieldValue, fieldScore, fieldSentiment, fieldDuration, fieldProgress:
		return kindNumber
	case fieldMachine:
		return kindTruth
	case fieldProperties:
		return kindObject
	}

	return kindText
}

// fieldNames lists the names that a mapping may use, in the order of the event.
func fieldNames() []string {
	names := make([]string, fieldCount)
	for f := range fieldCount {
		names[f] = f.String()
	}

	return names
}

func fieldOf(name string) (field, bool) {
	for f := range fieldCount {
		if f.String() == name {
			return f, true
		}
	}

	return 0, false
}
