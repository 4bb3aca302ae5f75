package event

import (
	"math"
	"strconv"
	"strings"
)

// Field is a field of the event, by its place in the table of fields.
type Field uint8

// The fields, in the order in which they are written.
const (
	FieldUnknown Field = iota // of an event, one that the format doesn't know
	FieldID
	FieldTime
	FieldCustomer
	FieldAnonymousID
	FieldType
	FieldChannel
	FieldSession
	FieldDevice
	FieldCampaign
	FieldMessage
	FieldProduct
	FieldValue
	FieldCurrency
	FieldScore
	FieldSentiment
	FieldDuration
	FieldProgress
	FieldMachine
	FieldReceivedAt
	FieldProperties
	FieldCount // how many there are, FieldUnknown included
)

// Form is what the values of a field are.
type Form uint8

// The forms of values.
const (
	Text       Form = iota // a string
	Identifier             // a string that can stand in a subject, a key or a message for people: without control characters
	Code                   // a string, an ISO 4217 code of a currency
	Time                   // a string, a time of RFC 3339
	Money                  // a number, counted to millionths
	Number                 // a number
	Truth                  // true or false
	Object                 // an object
)

// Spec is what a field may hold.
type Spec struct {
	Name string // in JSON
	Form Form
	Most int     // bytes of UTF-8 after unescaping, at most; 0 where the event's own limit is the only one
	Low  float64 // of a number, at least
	High float64 // of a number, at most
	Unit string  // of a number, for people; "" for none

	Definition string // what it says, for people
}

// Spec is the row of the field in the table that decoder, encoder, producer, the
// mappings of replay and the proof in SQL follow. To add a field: give it a row, and see
// which tests fail.
func (f Field) Spec() *Spec { return &specs[f] }

// String is the field's name.
func (f Field) String() string { return specs[f].Name }

// specs is the table of fields. Nobody changes it.
var specs = [FieldCount]Spec{
	FieldID: {Name: "id", Form: Identifier, Most: MaxIDBytes,
		Definition: "tells the event from others of its customer; the same when it is sent again"},
	FieldTime: {Name: "time", Form: Time,
		Definition: "when it happened"},
	FieldCustomer: {Name: "customer", Form: Identifier, Most: MaxCustomerBytes,
		Definition: "who did it"},
	FieldAnonymousID: {Name: "anonymous_id", Form: Identifier, Most: MaxAnonymousBytes,
		Definition: "who did it, where they are not known: the customer is then \"anonymous:\" and this"},
	FieldType: {Name: "type", Form: Identifier, Most: MaxTypeBytes,
		Definition: "what happened, such as order.completed; a type that the vocabulary lacks counts as the settings say"},
	FieldChannel: {Name: "channel", Most: MaxFieldBytes,
		Definition: "where, such as web, email or store; that of its type where it is absent"},
	FieldSession: {Name: "session", Most: MaxFieldBytes,
		Definition: "the visit that it belongs to, as the producer counts visits"},
	FieldDevice: {Name: "device", Most: MaxFieldBytes,
		Definition: "on which device, by an id that stays the same"},
	FieldCampaign: {Name: "campaign", Most: MaxFieldBytes,
		Definition: "the campaign that it belongs to"},
	FieldMessage: {Name: "message", Most: MaxFieldBytes,
		Definition: "the message that was sent, opened or clicked"},
	FieldProduct: {Name: "product", Most: MaxFieldBytes,
		Definition: "what was viewed, bought or returned"},
	FieldValue: {Name: "value", Form: Money, Low: -MaxValue, High: MaxValue, Unit: "units of the currency",
		Definition: "what it was worth, exact to six decimals; below 0 for what is paid back"},
	FieldCurrency: {Name: "currency", Form: Code, Most: MaxFieldBytes,
		Definition: "of the value, ISO 4217; that of the settings where it is absent"},
	FieldScore: {Name: "score", Form: Number, Low: -math.MaxFloat64, High: math.MaxFloat64, Unit: "as the survey has it",
		Definition: "the answer to a survey"},
	FieldSentiment: {Name: "sentiment", Form: Number, Low: -1, High: 1,
		Definition: "how it reads: -1 bad, 1 good"},
	FieldDuration: {Name: "duration", Form: Number, High: math.MaxFloat64, Unit: "seconds",
		Definition: "how long it took"},
	FieldProgress: {Name: "progress", Form: Number, High: 1,
		Definition: "how far it was read or watched: 1 is all"},
	FieldMachine: {Name: "machine", Form: Truth,
		Definition: "a scanner or a bot did it, and no person: it counts apart and is no sign of life"},
	FieldReceivedAt: {Name: "received_at", Form: Time,
		Definition: "when the first system of the producer saw it"},
	FieldProperties: {Name: "properties", Form: Object,
		Definition: "what else is known; properties that metrics read are named by `ebb metrics`"},
}

// Remedy is what a refusal of a value in another form says.
func (s *Spec) Remedy() string {
	switch s.Form {
	case Money, Number:
		return "send a number, without quotes"
	case Truth:
		return "send true or false"
	case Object:
		return "send a JSON object"
	}

	return "send a string"
}

// RemedyRange is what a refusal of a number out of its bounds says.
func (s *Spec) RemedyRange() string {
	if s.Low == 0 && s.High == math.MaxFloat64 {
		return "send " + s.Unit + ", not below 0"
	}
	number := func(v float64) string { return strings.Replace(strconv.FormatFloat(v, 'g', -1, 64), "e+", "e", 1) }

	return "send a number from " + number(s.Low) + " to " + number(s.High)
}
