package cloudevents

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strconv"

	"github.com/zeebo/xxh3"

	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

// Name is how the format is called in settings and refusals.
const Name = "cloudevents"

// Types knows the names of event types.
type Types interface {
	// ChannelOf is the channel of events of a type that name none; false where the
	// vocabulary lacks the type.
	ChannelOf(name []byte) (channel string, known bool)
}

// Decoder reads one event after the other. It belongs to one goroutine.
type Decoder struct {
	envelope scan.Picker
	body     scan.Picker  // of data outside of the envelope
	data     *scan.Picker // the one of them that holds the data; nil where none is read
	types    Types        // nil: types stay as they are

	attributes [slots - specVersion][]byte // nil where there is none
	scratch    []byte
	invalid    *event.Refusal // the first field that is not as it has to be
}

// NewDecoder makes a decoder. Types may be nil.
func NewDecoder(types Types) *Decoder {
	return &Decoder{envelope: scan.NewPicker(look), body: scan.NewPicker(look), types: types}
}

// Decode reads one structured event into ev, whose slices are valid until the next
// call. The error is a *event.Refusal, whose field names the format. ev is of no use
// after an error.
func (d *Decoder) Decode(message []byte, from event.Origin, ev *event.Event) error {
	d.begin(ev)
	if len(message) > event.MaxEventBytes {
		return event.InFormat(Name, scan.Oversize(len(message), event.MaxEventBytes))
	}
	if !d.envelope.Pick(message) {
		return event.InFormat(Name, d.envelope.Syntax)
	}
	for slot := specVersion; slot < slots; slot++ {
		raw := d.envelope.Got[slot].Raw
		if raw == nil || slot == data || slot == dataBase64 {
			continue
		}
		text, ok := d.envelope.String(slot)
		if !ok {
			d.refuse(slot, raw, "send a string")
		}
		d.attributes[slot-specVersion] = text
	}
	d.openData()

	return d.finish(from, ev)
}

func (d *Decoder) begin(ev *event.Event) {
	ev.Reset()
	clear(d.attributes[:])
	d.data, d.invalid, d.scratch = nil, nil, d.scratch[:0]
}

func (d *Decoder) attribute(slot int) []byte { return d.attributes[slot-specVersion] }

// openData finds the data of a structured event.
func (d *Decoder) openData() {
	inline, packed := d.envelope.Got[data].Raw, d.envelope.Got[dataBase64].Raw
	switch {
	case inline != nil && packed != nil:
		d.refuse(dataBase64, packed, "send data or data_base64, not both")
	case len(inline) > 0 && inline[0] == '{':
		d.data = &d.envelope
	case packed != nil:
		text, ok := d.envelope.String(dataBase64)
		plain, err := base64.StdEncoding.AppendDecode(nil, text)
		if !ok || err != nil {
			d.refuse(dataBase64, packed, "send the data as standard base64 in a string")
		}
		d.openBody(plain)
	}
}

// openBody takes data that has no envelope around, if it is a JSON object.
func (d *Decoder) openBody(body []byte) {
	if !isJSON(d.attribute(contentType)) || d.invalid != nil {
		return
	}
	if body = bytes.TrimLeft(body, " \t\r\n"); len(body) == 0 || body[0] != '{' {
		return
	}
	if !d.body.PickAs(body, inData) {
		d.invalid = d.body.Syntax
		d.invalid.Field = "data " + d.invalid.Field

		return
	}
	d.data = &d.body
}

// isJSON tells the media types of JSON; without one data is JSON.
func isJSON(media []byte) bool {
	media, _, _ = bytes.Cut(bytes.ToLower(media), []byte(";"))
	media = bytes.TrimSpace(media)

	return len(media) == 0 || bytes.HasSuffix(media, []byte("/json")) || bytes.HasSuffix(media, []byte("+json"))
}

// finish makes the event of attributes and data.
func (d *Decoder) finish(from event.Origin, ev *event.Event) error {
	d.checkAttributes()
	d.readID(ev)
	ev.Type = d.typeOf(d.attribute(attributeType))
	ev.Time = d.timeOf(attributeTime, d.attribute(attributeTime))
	if from.Received > 0 {
		ev.ReceivedAt, ev.Fields = from.Received, event.HasReceivedAt
	}
	d.readData(ev)
	if ev.Time == absent && from.Received > 0 {
		ev.Time = from.Received
	}
	if len(ev.Customer) == 0 {
		ev.Customer = d.checked(customer, d.attribute(customer), event.MaxCustomerBytes)
	}
	if len(ev.Customer) == 0 && len(ev.AnonymousID) == 0 {
		ev.Customer = d.checked(subject, d.attribute(subject), event.MaxCustomerBytes)
	}
	if d.invalid == nil {
		d.invalid = d.complete(ev)
	}
	if d.invalid != nil {
		return event.InFormat(Name, d.invalid)
	}

	return nil
}

// checkAttributes checks that the attributes that have to be there are.
func (d *Decoder) checkAttributes() {
	if version := d.attribute(specVersion); string(version) != "1.0" {
		d.refuse(specVersion, version, "send 1.0, the version of CloudEvents that is read")
	}
	for _, c := range [...]struct {
		slot   int
		reason event.Reason
		remedy string
	}{
		{attributeID, event.ReasonMissingID, "send an id that is the same when the event is sent again"},
		{source, event.ReasonInvalidField, "send where the event comes from, as a URI reference such as /shop/orders"},
		{attributeType, event.ReasonMissingType, "send what happened, such as order.completed"},
	} {
		if len(d.attribute(c.slot)) == 0 && d.invalid == nil {
			d.invalid = event.Refuse(c.reason, pathOf(c.slot), nil, c.remedy)
		}
	}
	if most := event.MaxTypeBytes; len(d.attribute(attributeType)) > most {
		d.refuse(attributeType, d.attribute(attributeType), "send at most "+strconv.Itoa(most)+" bytes")
	}
}

// readID makes the id of source and id.
func (d *Decoder) readID(ev *event.Event) {
	for _, slot := range [...]int{source, attributeID, attributeType} {
		if event.HasControl(d.attribute(slot)) {
			d.refuse(slot, d.attribute(slot), "remove the control characters")
		}
	}
	at := len(d.scratch)
	d.scratch = append(append(append(d.scratch, d.attribute(source)...), ' '), d.attribute(attributeID)...)
	if ev.ID = d.scratch[at:]; len(ev.ID) > event.MaxIDBytes {
		sum := xxh3.Hash128(ev.ID).Bytes()
		d.scratch = hex.AppendEncode(append(d.scratch[:at], "ce:"...), sum[:])
		ev.ID = d.scratch[at:]
	}
}

// typeOf is the type, or the longest rest of it that the vocabulary knows.
func (d *Decoder) typeOf(whole []byte) []byte {
	if d.types == nil {
		return whole
	}
	for rest, more := whole, true; more; _, rest, more = bytes.Cut(rest, []byte(".")) {
		if _, known := d.types.ChannelOf(rest); known {
			return rest
		}
	}

	return whole
}

// complete checks that nothing is missing and makes the customer id.
func (d *Decoder) complete(ev *event.Event) *event.Refusal {
	switch {
	case ev.Time == absent:
		return event.Refuse(event.ReasonMissingTime, "time", nil, "send when it happened, such as 2026-05-04T12:34:56.789Z")
	case len(ev.Customer) == 0 && len(ev.AnonymousID) == 0:
		return event.Refuse(event.ReasonMissingCustomer, "subject", nil, "send the customer as subject, or as customer or anonymous_id of the data")
	}
	if err := event.NullCustomer(ev, "customer", "data.anonymous_id"); err != nil || len(ev.Customer) > 0 {
		return err
	}
	at := len(d.scratch)
	d.scratch = append(append(d.scratch, event.AnonymousPrefix...), ev.AnonymousID...)
	ev.Customer = d.scratch[at:]

	return nil
}

// refuse records that a value is not as it has to be. The first one counts.
func (d *Decoder) refuse(slot int, value []byte, remedy string) {
	if d.invalid == nil {
		d.invalid = event.Refuse(event.ReasonInvalidField, pathOf(slot), value, remedy)
	}
}
