package replay

import "ebb/pipeline/event"

// field is a field of the native event that a mapping can fill, by its place in the
// table of fields, less one; or one of those that are no field of the event.
type field uint8

const (
	fieldID          = field(event.FieldID - 1)
	fieldTime        = field(event.FieldTime - 1)
	fieldCustomer    = field(event.FieldCustomer - 1)
	fieldAnonymousID = field(event.FieldAnonymousID - 1)
	fieldType        = field(event.FieldType - 1)
	fieldChannel     = field(event.FieldChannel - 1)
	fieldSession     = field(event.FieldSession - 1)
	fieldDevice      = field(event.FieldDevice - 1)
	fieldCampaign    = field(event.FieldCampaign - 1)
	fieldMessage     = field(event.FieldMessage - 1)
	fieldProduct     = field(event.FieldProduct - 1)
	fieldValue       = field(event.FieldValue - 1)
	fieldCurrency    = field(event.FieldCurrency - 1)
	fieldScore       = field(event.FieldScore - 1)
	fieldSentiment   = field(event.FieldSentiment - 1)
	fieldDuration    = field(event.FieldDuration - 1)
	fieldProgress    = field(event.FieldProgress - 1)
	fieldMachine     = field(event.FieldMachine - 1)
	fieldReceivedAt  = field(event.FieldReceivedAt - 1)
	fieldProperties  = field(event.FieldProperties - 1)

	fieldArrival  = field(event.FieldCount - 1) // the record's clock
	fieldTypeKind = fieldArrival + 1            // what the type's kind is where the vocabulary lacks the type
	fieldGroup    = fieldArrival + 2            // rows that say the same here are one event; see Groups
	fieldQuantity = fieldArrival + 3            // times the price it is the value
	fieldPrice    = fieldArrival + 4
	fieldCount    = fieldArrival + 5
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

// String is the field's name in mappings, and in the native event.
func (f field) String() string {
	switch f {
	case fieldArrival:
		return "arrival"
	case fieldTypeKind:
		return "kind"
	case fieldGroup:
		return "group"
	case fieldQuantity:
		return "quantity"
	case fieldPrice:
		return "price"
	}

	return event.Field(f + 1).String()
}

func (f field) kind() fieldKind {
	switch f {
	case fieldArrival:
		return kindTime
	case fieldTypeKind, fieldGroup:
		return kindText
	case fieldQuantity, fieldPrice:
		return kindNumber
	}
	switch event.Field(f + 1).Spec().Form {
	case event.Time:
		return kindTime
	case event.Money, event.Number:
		return kindNumber
	case event.Truth:
		return kindTruth
	case event.Object:
		return kindObject
	case event.Text, event.Identifier, event.Code:
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
