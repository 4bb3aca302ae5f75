package native

import (
	"strconv"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
)

// field is a field of the native event.
type field uint8

const (
	fieldUnknown field = iota
	fieldID
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
	fieldCount
)

// absentTime stands in Event.Time until the field was read; no time is
// negative.
const absentTime = -1

// fieldNames are the names of the fields, by number.
var fieldNames = [fieldCount]string{
	"", "id", "time", "customer", "anonymous_id", "type", "channel", "session", "device", "campaign",
	"message", "product", "value", "currency", "score", "sentiment", "duration", "progress", "machine",
	"received_at", "properties",
}

// fieldOf is the field with this name.
func fieldOf(name []byte) field { //nolint:cyclop // a table; the compiler makes a search of it
	switch string(name) {
	case "id":
		return fieldID
	case "time":
		return fieldTime
	case "customer":
		return fieldCustomer
	case "anonymous_id":
		return fieldAnonymousID
	case "type":
		return fieldType
	case "channel":
		return fieldChannel
	case "session":
		return fieldSession
	case "device":
		return fieldDevice
	case "campaign":
		return fieldCampaign
	case "message":
		return fieldMessage
	case "product":
		return fieldProduct
	case "value":
		return fieldValue
	case "currency":
		return fieldCurrency
	case "score":
		return fieldScore
	case "sentiment":
		return fieldSentiment
	case "duration":
		return fieldDuration
	case "progress":
		return fieldProgress
	case "machine":
		return fieldMachine
	case "received_at":
		return fieldReceivedAt
	case "properties":
		return fieldProperties
	}

	return fieldUnknown
}

// field sets a field of ev from its raw JSON value. Null and an empty
// string are the same as absent. A value that doesn't fit makes the event invalid, but reading goes
// on: a fault of the syntax further on counts more.
func (d *Decoder) field(ev *event.Event, f field, raw []byte, is traits) { //nolint:cyclop,funlen // a case for each field
	if raw[0] == 'n' {
		return
	}

	//exhaustive:enforce
	switch f {
	case fieldUnknown:
	case fieldID:
		ev.ID = d.identifier(f, raw, is, event.MaxIDBytes)
	case fieldTime:
		ev.Time = d.time(f, raw, is)
	case fieldCustomer:
		ev.Customer = d.identifier(f, raw, is, event.MaxCustomerBytes)
	case fieldAnonymousID:
		ev.AnonymousID = d.identifier(f, raw, is, event.MaxAnonymousBytes)
	case fieldType:
		ev.Type = d.identifier(f, raw, is, event.MaxTypeBytes)
	case fieldChannel:
		ev.Channel = d.string(f, raw, is, event.MaxFieldBytes)
	case fieldSession:
		ev.Session = d.string(f, raw, is, event.MaxFieldBytes)
	case fieldDevice:
		ev.Device = d.string(f, raw, is, event.MaxFieldBytes)
	case fieldCampaign:
		ev.Campaign = d.string(f, raw, is, event.MaxFieldBytes)
	case fieldMessage:
		ev.Message = d.string(f, raw, is, event.MaxFieldBytes)
	case fieldProduct:
		ev.Product = d.string(f, raw, is, event.MaxFieldBytes)
	case fieldCurrency:
		ev.Currency = d.currency(raw, is)
	case fieldReceivedAt:
		if t := d.time(f, raw, is); t != absentTime {
			ev.ReceivedAt = t
			ev.Fields |= event.HasReceivedAt
		}
	case fieldValue:
		ev.Value = d.amount(f, raw)
		ev.Fields |= event.HasValue
	case fieldScore:
		ev.Score = d.float(f, raw)
		ev.Fields |= event.HasScore
	case fieldSentiment:
		ev.Sentiment = d.float(f, raw)
		ev.Fields |= event.HasSentiment

		if ev.Sentiment < -1 || ev.Sentiment > 1 {
			d.refuse(f, raw, "send a number from -1 to 1")
		}
	case fieldDuration:
		ev.Duration = d.float(f, raw)
		ev.Fields |= event.HasDuration

		if ev.Duration < 0 {
			d.refuse(f, raw, "send seconds, not below 0")
		}
	case fieldProgress:
		ev.Progress = d.float(f, raw)
		ev.Fields |= event.HasProgress

		if ev.Progress < 0 || ev.Progress > 1 {
			d.refuse(f, raw, "send a number from 0 to 1")
		}
	case fieldMachine:
		ev.Machine = raw[0] == 't'

		if raw[0] != 't' && raw[0] != 'f' {
			d.refuse(f, raw, "send true or false")
		}
	case fieldProperties:
		ev.Properties = raw

		if raw[0] != '{' {
			d.refuse(f, raw, "send a JSON object")
		}
	}
}

// refuse records that a field is not as it has to be. The first one counts.
func (d *Decoder) refuse(f field, raw []byte, remedy string) {
	if d.invalid == nil {
		d.invalid = event.Refuse(event.ReasonInvalidField, fieldNames[f], raw, remedy)
	}
}

// string is the text of a string value, unescaped.
func (d *Decoder) string(f field, raw []byte, is traits, limit int) []byte {
	if raw[0] != '"' {
		d.refuse(f, raw, "send a string")

		return nil
	}

	s := raw[1 : len(raw)-1]

	if is&escaped != 0 {
		s = d.unescape(s)
	}

	if len(s) > limit {
		d.refuse(f, raw, "send at most "+strconv.Itoa(limit)+" bytes")
	}

	return s
}

// identifier is a string that can stand in a subject, a key or a message for
// people: without control characters.
func (d *Decoder) identifier(f field, raw []byte, is traits, limit int) []byte {
	s := d.string(f, raw, is, limit)

	if is != 0 && event.HasControl(s) { // plain strings can't hold any
		d.refuse(f, raw, "remove the control characters")
	}

	return s
}

// time is a time in Unix ms, or absentTime for an empty string.
func (d *Decoder) time(f field, raw []byte, is traits) int64 {
	s := d.string(f, raw, is, d.max)
	if len(s) == 0 {
		return absentTime
	}

	t, fault := parseTime(s)
	if fault != "" {
		d.refuse(f, raw, fault)
	}

	return t
}

func (d *Decoder) currency(raw []byte, is traits) []byte {
	s := d.string(fieldCurrency, raw, is, event.MaxFieldBytes)

	if len(s) > 0 && !event.IsCurrency(s) {
		d.refuse(fieldCurrency, raw, "send an ISO 4217 code in upper case, such as EUR")
	}

	return s
}

func (d *Decoder) amount(f field, raw []byte) amount.Amount {
	if !isNumber(raw) {
		d.refuse(f, raw, "send a number, without quotes")

		return amount.Amount{}
	}

	v, ok := parseValue(raw)
	if !ok {
		d.refuse(f, raw, "send a number from -1e18 to 1e18")
	}

	return v
}

func (d *Decoder) float(f field, raw []byte) float64 {
	if !isNumber(raw) {
		d.refuse(f, raw, "send a number, without quotes")

		return 0
	}

	v, ok := parseFloat(raw)
	if !ok {
		d.refuse(f, raw, "send a number that fits into 64-bit floating point")
	}

	return v
}
