package native

import (
	"strconv"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

// field is a field of the native event; event.Field has the table of them.
type field = event.Field

// absentTime stands in Event.Time until the field was read; no time is
// negative.
const absentTime = -1

// fieldOf is the field with this name.
func fieldOf(name []byte) field { //nolint:cyclop // a table; the compiler makes a search of it
	switch string(name) {
	case "id":
		return event.FieldID
	case "time":
		return event.FieldTime
	case "customer":
		return event.FieldCustomer
	case "anonymous_id":
		return event.FieldAnonymousID
	case "type":
		return event.FieldType
	case "channel":
		return event.FieldChannel
	case "session":
		return event.FieldSession
	case "device":
		return event.FieldDevice
	case "campaign":
		return event.FieldCampaign
	case "message":
		return event.FieldMessage
	case "product":
		return event.FieldProduct
	case "value":
		return event.FieldValue
	case "currency":
		return event.FieldCurrency
	case "score":
		return event.FieldScore
	case "sentiment":
		return event.FieldSentiment
	case "duration":
		return event.FieldDuration
	case "progress":
		return event.FieldProgress
	case "machine":
		return event.FieldMachine
	case "received_at":
		return event.FieldReceivedAt
	case "properties":
		return event.FieldProperties
	}

	return event.FieldUnknown
}

// field sets a field of ev from its raw JSON value. Null and an empty
// string are the same as absent. A value that doesn't fit makes the event invalid, but reading goes
// on: a fault of the syntax further on counts more.
func (d *Decoder) field(ev *event.Event, f field, raw []byte, is scan.Traits) { //nolint:cyclop // a case for each field
	if raw[0] == 'n' {
		return
	}

	//exhaustive:enforce
	switch f {
	case event.FieldUnknown:
	case event.FieldID:
		ev.ID = d.identifier(f, raw, is)
	case event.FieldTime:
		ev.Time = d.time(f, raw, is)
	case event.FieldCustomer:
		ev.Customer = d.identifier(f, raw, is)
	case event.FieldAnonymousID:
		ev.AnonymousID = d.identifier(f, raw, is)
	case event.FieldType:
		ev.Type = d.identifier(f, raw, is)
	case event.FieldChannel:
		ev.Channel = d.string(f, raw, is)
	case event.FieldSession:
		ev.Session = d.string(f, raw, is)
	case event.FieldDevice:
		ev.Device = d.string(f, raw, is)
	case event.FieldCampaign:
		ev.Campaign = d.string(f, raw, is)
	case event.FieldMessage:
		ev.Message = d.string(f, raw, is)
	case event.FieldProduct:
		ev.Product = d.string(f, raw, is)
	case event.FieldCurrency:
		ev.Currency = d.currency(raw, is)
	case event.FieldReceivedAt:
		if t := d.time(f, raw, is); t != absentTime {
			ev.ReceivedAt = t
			ev.Fields |= event.HasReceivedAt
		}
	case event.FieldValue:
		ev.Value = d.amount(f, raw)
		ev.Fields |= event.HasValue
	case event.FieldScore:
		ev.Score = d.float(f, raw)
		ev.Fields |= event.HasScore
	case event.FieldSentiment:
		ev.Sentiment = d.float(f, raw)
		ev.Fields |= event.HasSentiment
	case event.FieldDuration:
		ev.Duration = d.float(f, raw)
		ev.Fields |= event.HasDuration
	case event.FieldProgress:
		ev.Progress = d.float(f, raw)
		ev.Fields |= event.HasProgress
	case event.FieldMachine:
		ev.Machine = raw[0] == 't'

		if raw[0] != 't' && raw[0] != 'f' {
			d.refuse(f, raw, f.Spec().Remedy())
		}
	case event.FieldProperties:
		ev.Properties = raw

		if raw[0] != '{' {
			d.refuse(f, raw, f.Spec().Remedy())
		}
	}
}

// refuse records that a field is not as it has to be. The first one counts.
func (d *Decoder) refuse(f field, raw []byte, remedy string) {
	if d.invalid == nil {
		d.invalid = event.Refuse(event.ReasonInvalidField, f.String(), raw, remedy)
	}
}

// string is the text of a string value, unescaped.
func (d *Decoder) string(f field, raw []byte, is scan.Traits) []byte {
	spec := f.Spec()

	if raw[0] != '"' {
		d.refuse(f, raw, spec.Remedy())

		return nil
	}

	s := raw[1 : len(raw)-1]

	if is&scan.Escaped != 0 {
		s = d.Unescape(s)
	}

	limit := spec.Most
	if limit == 0 {
		limit = d.max
	}

	if len(s) > limit {
		d.refuse(f, raw, "send at most "+strconv.Itoa(limit)+" bytes")
	}

	return s
}

// identifier is a string that can stand in a subject, a key or a message for
// people: without control characters.
func (d *Decoder) identifier(f field, raw []byte, is scan.Traits) []byte {
	s := d.string(f, raw, is)

	if is != 0 && event.HasControl(s) { // plain strings can't hold any
		d.refuse(f, raw, "remove the control characters")
	}

	return s
}

// time is a time in Unix ms, or absentTime for an empty string.
func (d *Decoder) time(f field, raw []byte, is scan.Traits) int64 {
	s := d.string(f, raw, is)
	if len(s) == 0 {
		return absentTime
	}

	t, fault := scan.ParseTime(s)
	if fault != "" {
		d.refuse(f, raw, fault)
	}

	return t
}

func (d *Decoder) currency(raw []byte, is scan.Traits) []byte {
	s := d.string(event.FieldCurrency, raw, is)

	if len(s) > 0 && !event.IsCurrency(s) {
		d.refuse(event.FieldCurrency, raw, "send an ISO 4217 code in upper case, such as EUR")
	}

	return s
}

func (d *Decoder) amount(f field, raw []byte) amount.Amount {
	if !scan.IsNumber(raw) {
		d.refuse(f, raw, f.Spec().Remedy())

		return amount.Amount{}
	}

	v, ok := scan.ParseAmount(raw)
	if !ok {
		d.refuse(f, raw, f.Spec().RemedyRange())
	}

	return v
}

func (d *Decoder) float(f field, raw []byte) float64 {
	if !scan.IsNumber(raw) {
		d.refuse(f, raw, f.Spec().Remedy())

		return 0
	}

	v, ok := scan.ParseFloat(raw)
	if !ok {
		d.refuse(f, raw, "send a number that fits into 64-bit floating point")
	}

	if spec := f.Spec(); v < spec.Low || v > spec.High {
		d.refuse(f, raw, spec.RemedyRange())
	}

	return v
}
