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
}

// Spec is the row of the field in the table that decoder, encoder, producer, the
// mappings of replay and the proof in SQL follow. To add a field: give it a row, and see
// which tests fail.
func (f Field) Spec() *Spec { return &specs[f] }

// String is the field's name.
func (f Field) String() string { return specs[f].Name }

// specs is the table of fields. Nobody changes it.
var specs = [FieldCount]Spec{
	FieldID:          {Name: "id", Form: Identifier, Most: MaxIDBytes},
	FieldTime:        {Name: "time", Form: Time},
	FieldCustomer:    {Name: "customer", Form: Identifier, Most: MaxCustomerBytes},
	FieldAnonymousID: {Name: "anonymous_id", Form: Identifier, Most: MaxAnonymousBytes},
	FieldType:        {Name: "type", Form: Identifier, Most: MaxTypeBytes},
	FieldChannel:     {Name: "channel", Most: MaxFieldBytes},
	FieldSession:     {Name: "session", Most: MaxFieldBytes},
	FieldDevice:      {Name: "device", Most: MaxFieldBytes},
	FieldCampaign:    {Name: "campaign", Most: MaxFieldBytes},
	FieldMessage:     {Name: "message", Most: MaxFieldBytes},
	FieldProduct:     {Name: "product", Most: MaxFieldBytes},
	FieldValue:       {Name: "value", Form: Money, Low: -MaxValue, High: MaxValue, Unit: "units of the currency"},
	FieldCurrency:    {Name: "currency", Form: Code, Most: MaxFieldBytes},
	FieldScore:       {Name: "score", Form: Number, Low: -math.MaxFloat64, High: math.MaxFloat64, Unit: "as the survey has it"},
	FieldSentiment:   {Name: "sentiment", Form: Number, Low: -1, High: 1},
	FieldDuration:    {Name: "duration", Form: Number, High: math.MaxFloat64, Unit: "seconds"},
	FieldProgress:    {Name: "progress", Form: Number, High: 1},
	FieldMachine:     {Name: "machine", Form: Truth},
	FieldReceivedAt:  {Name: "received_at", Form: Time},
	FieldProperties:  {Name: "properties", Form: Object},
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
