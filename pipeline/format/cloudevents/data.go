package cloudevents

import (
	"strconv"

	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

// absent is a time that was not given; no time is negative.
const absent = -1

// readData takes the fields of the native event that the data has.
func (d *Decoder) readData(ev *event.Event) {
	if d.data == nil {
		return
	}
	got := &d.data.Got
	if ev.Time == absent && len(got[event.FieldTime].Raw) > 0 && got[event.FieldTime].Raw[0] == '"' {
		text, _ := d.data.String(int(event.FieldTime))
		ev.Time = d.timeOf(int(event.FieldTime), text)
	}
	ev.Customer = d.identifier(event.FieldCustomer)
	ev.AnonymousID = d.identifier(event.FieldAnonymousID)
	for _, c := range [...]struct {
		field event.Field
		to    *[]byte
	}{
		{event.FieldChannel, &ev.Channel}, {event.FieldSession, &ev.Session}, {event.FieldDevice, &ev.Device},
		{event.FieldCampaign, &ev.Campaign}, {event.FieldMessage, &ev.Message}, {event.FieldProduct, &ev.Product},
	} {
		if text, ok := d.data.String(int(c.field)); ok {
			*c.to = d.checked(int(c.field), text, c.field.Spec().Most)
		}
	}
	d.readMoney(ev)
	for _, c := range [...]struct {
		field event.Field
		to    *float64
		has   event.Fields
	}{
		{event.FieldScore, &ev.Score, event.HasScore}, {event.FieldSentiment, &ev.Sentiment, event.HasSentiment},
		{event.FieldDuration, &ev.Duration, event.HasDuration}, {event.FieldProgress, &ev.Progress, event.HasProgress},
	} {
		d.readNumber(ev, c.field, c.to, c.has)
	}
	ev.Machine = string(got[event.FieldMachine].Raw) == "true"
	d.readProperties(ev)
}

// readProperties takes those of the data, else the data.
func (d *Decoder) readProperties(ev *event.Event) {
	own := d.data.Got[event.FieldProperties].Raw
	switch {
	case len(own) > 0 && own[0] == '{':
		ev.Properties = own
	case d.data == &d.envelope:
		ev.Properties = d.envelope.Got[data].Raw
	default:
		ev.Properties = d.data.Data
	}
}

func (d *Decoder) readMoney(ev *event.Event) {
	if raw := d.data.Got[event.FieldValue].Raw; raw != nil {
		v, ok := scan.ParseAmount(raw)
		if !scan.IsNumber(raw) || !ok {
			d.refuse(int(event.FieldValue), raw, event.FieldValue.Spec().RemedyRange())
		}
		ev.Value, ev.Fields = v, ev.Fields|event.HasValue
	}
	raw := d.data.Got[event.FieldCurrency].Raw
	if raw == nil {
		return
	}
	text, ok := d.data.String(int(event.FieldCurrency))
	if !ok || len(text) > 0 && !event.IsCurrency(text) {
		d.refuse(int(event.FieldCurrency), raw, "send an ISO 4217 code in upper case, such as EUR")
	}
	ev.Currency = text
}

func (d *Decoder) readNumber(ev *event.Event, field event.Field, to *float64, has event.Fields) {
	raw := d.data.Got[field].Raw
	if raw == nil || !scan.IsNumber(raw) {
		return
	}
	spec := field.Spec()
	v, ok := scan.ParseFloat(raw)
	if !ok || v < spec.Low || v > spec.High {
		d.refuse(int(field), raw, spec.RemedyRange())
	}
	*to, ev.Fields = v, ev.Fields|has
}

// identifier is an id of the data: a string, or a whole number.
func (d *Decoder) identifier(field event.Field) []byte {
	raw := d.data.Got[field].Raw
	if raw == nil {
		return nil
	}
	text, ok := d.data.String(int(field))
	if !ok && isWhole(raw) {
		return raw
	}
	if !ok {
		d.refuse(int(field), raw, "send a string")
	}

	return d.checked(int(field), text, field.Spec().Most)
}

// checked refuses text that is too long, or has control characters.
func (d *Decoder) checked(slot int, text []byte, most int) []byte {
	if len(text) > most {
		d.refuse(slot, text, "send at most "+strconv.Itoa(most)+" bytes")
	}
	if event.HasControl(text) && (slot >= specVersion || event.Field(slot).Spec().Form == event.Identifier) {
		d.refuse(slot, text, "remove the control characters")
	}

	return text
}

// timeOf is a time in Unix ms, or absent for none.
func (d *Decoder) timeOf(slot int, text []byte) int64 {
	if len(text) == 0 {
		return absent
	}
	ms, fault := scan.ParseISO(text)
	if fault != "" {
		d.refuse(slot, text, fault)

		return absent
	}

	return ms
}

// isWhole tells a whole number, whose digits can stand for an id.
func isWhole(raw []byte) bool {
	for _, c := range raw {
		if c < '0' || c > '9' {
			return false
		}
	}

	return true
}
