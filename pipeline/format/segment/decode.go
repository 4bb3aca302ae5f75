package segment

import (
	"strconv"

	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

// Name is how the format is called in settings and refusals.
const Name = "segment"

// Types knows the names of event types.
type Types interface {
	// ChannelOf is the channel of events of a type that name none; false where the
	// vocabulary lacks the type.
	ChannelOf(name []byte) (channel string, known bool)
}

// Decoder reads one call after the other. It belongs to one goroutine.
type Decoder struct {
	picker scan.Picker
	items  scan.Scanner // for the list of products
	lines  scan.Scanner // for one of them
	types  Types        // nil: names of events stay as they are
	clocks *clocks

	invalid *event.Refusal // the first field that is not as it has to be
}

// NewDecoder makes a decoder. Types may be nil.
func NewDecoder(types Types) *Decoder {
	return &Decoder{picker: scan.NewPicker(look), items: scan.New(), lines: scan.New(), types: types, clocks: newClocks()}
}

// Decode reads one call into ev, whose slices are valid until the next Decode. The
// error is a *event.Refusal, whose field names the format. Of several faults it names
// the first of: too large, no JSON object, the first invalid field, then a missing
// id, time, type or customer. ev is of no use after an error.
func (d *Decoder) Decode(data []byte, from event.Origin, ev *event.Event) error {
	ev.Reset()
	d.invalid = nil
	if len(data) > event.MaxEventBytes {
		return event.InFormat(Name, scan.Oversize(len(data), event.MaxEventBytes))
	}
	if !d.picker.Pick(data) {
		return event.InFormat(Name, d.picker.Syntax)
	}
	d.read(from, ev)
	if d.invalid != nil {
		return event.InFormat(Name, d.invalid)
	}
	if missing := d.complete(ev); missing != nil {
		return event.InFormat(Name, missing)
	}

	return nil
}

// absent is a time that was not given; no time is negative.
const absent = -1

func (d *Decoder) read(from event.Origin, ev *event.Event) {
	d.readType(ev)
	if ev.ID = d.identifier(messageID, event.MaxIDBytes); len(ev.ID) == 0 {
		ev.ID = from.ID
	}
	ev.Customer = d.identifier(userID, event.MaxCustomerBytes)
	ev.AnonymousID = d.identifier(anonymousID, event.MaxAnonymousBytes)
	if len(ev.AnonymousID) == 0 {
		ev.AnonymousID = d.identifier(previousID, event.MaxAnonymousBytes)
	}
	ev.Device = d.text(deviceType)
	if got := d.picker.Got[mobile].Raw; len(ev.Device) == 0 && len(got) > 0 {
		switch got[0] {
		case 't':
			ev.Device = d.constant("mobile")
		case 'f':
			ev.Device = d.constant("desktop")
		}
	}
	ev.Session = d.identifier(sessionID, event.MaxFieldBytes)
	ev.Message = d.identifier(emailID, event.MaxFieldBytes)
	for _, slot := range [...]int{campaignName, campaignID, propertiesCampaign, contextCampaign} {
		if ev.Campaign = d.identifier(slot, event.MaxFieldBytes); len(ev.Campaign) > 0 {
			break
		}
	}
	d.readTime(from, ev)
	d.readProperties(ev)
}

// readType says what happened, and in which channel.
func (d *Decoder) readType(ev *event.Event) {
	call := d.call()
	if call != "track" {
		ev.Type = d.constant(call)
		d.extra(ev, "groupId", groupID)
		d.extra(ev, "name", pageName)
	} else {
		ev.Type = d.identifier(eventName, event.MaxTypeBytes)
	}
	if d.types == nil || len(ev.Type) == 0 {
		return
	}
	own, known := d.types.ChannelOf(ev.Type)
	if !known {
		ev.Type = d.constant("track")
		d.extra(ev, "event", eventName)

		return
	}
	if own != "web" && own != "app" {
		return
	}
	switch where := d.text(origin); {
	case string(where) == "browser":
		ev.Channel = d.constant("web")
	case string(where) == "mobile", len(where) == 0 && d.isMobile():
		ev.Channel = d.constant("app")
	}
}

// isMobile tells the SDKs for apps, which name the system as the type of device.
func (d *Decoder) isMobile() bool {
	device := string(d.picker.Got[deviceType].Raw)

	return device == `"ios"` || device == `"android"`
}

// call is which of the calls it is.
func (d *Decoder) call() string {
	raw := d.picker.Got[callType].Raw
	if raw == nil {
		return d.likelyCall()
	}
	switch string(raw) {
	case `"track"`:
		return "track"
	case `"page"`:
		return "page"
	case `"screen"`:
		return "screen"
	case `"identify"`:
		return "identify"
	case `"group"`:
		return "group"
	case `"alias"`:
		return "alias"
	}
	d.refuse(callType, "send track, identify, page, screen, group or alias")

	return ""
}

// likelyCall is the call of a body that was posted to the address of its call, and
// so doesn't say.
func (d *Decoder) likelyCall() string {
	for _, c := range [...]struct {
		slot int
		call string
	}{{eventName, "track"}, {previousID, "alias"}, {groupID, "group"}, {traits, "identify"}, {pageName, "page"}, {properties, "page"}} {
		if d.picker.Got[c.slot].Raw != nil {
			return c.call
		}
	}

	return ""
}

// constant is a text of the decoder's own.
func (d *Decoder) constant(text string) []byte {
	from := len(d.picker.Scratch)
	d.picker.Scratch = append(d.picker.Scratch, text...)

	return d.picker.Scratch[from:len(d.picker.Scratch):len(d.picker.Scratch)]
}

// extra keeps a value of the call under its own name.
func (d *Decoder) extra(ev *event.Event, name string, slot int) {
	if raw := d.picker.Got[slot].Raw; raw != nil {
		ev.Extra = append(ev.Extra, event.Member{Name: []byte(name), Value: raw})
	}
}

// complete checks that nothing is missing and makes the customer id.
func (d *Decoder) complete(ev *event.Event) *event.Refusal {
	switch {
	case len(ev.ID) == 0:
		return event.Refuse(event.ReasonMissingID, "messageId", nil, "send a messageId that is the same when the call is sent again")
	case ev.Time == absent:
		return event.Refuse(event.ReasonMissingTime, "timestamp", nil, "send when it happened, such as 2026-05-04T12:34:56.789Z")
	case len(ev.Type) == 0 && d.picker.Got[callType].Raw == nil:
		return event.Refuse(event.ReasonMissingType, "type", nil, "send track, identify, page, screen, group or alias")
	case len(ev.Type) == 0:
		return event.Refuse(event.ReasonMissingType, "event", nil, "send what happened, such as Order Completed")
	case len(ev.Customer) == 0 && len(ev.AnonymousID) == 0:
		return event.Refuse(event.ReasonMissingCustomer, "userId", nil, "send userId or anonymousId")
	}
	if err := event.NullCustomer(ev, "userId", "anonymousId"); err != nil || len(ev.Customer) > 0 {
		return err
	}
	d.picker.Scratch = append(append(d.picker.Scratch, event.AnonymousPrefix...), ev.AnonymousID...)
	ev.Customer = d.picker.Scratch[len(d.picker.Scratch)-len(event.AnonymousPrefix)-len(ev.AnonymousID):]

	return nil
}

// refuse records that a value is not as it has to be. The first one counts.
func (d *Decoder) refuse(slot int, remedy string) {
	if d.invalid == nil {
		d.invalid = event.Refuse(event.ReasonInvalidField, pathOf(slot), d.picker.Got[slot].Raw, remedy)
	}
}

// text is a string of at most as many bytes as a field may have; nothing where the
// value is none.
func (d *Decoder) text(slot int) []byte {
	text, ok := d.picker.String(slot)
	if ok && len(text) > event.MaxFieldBytes {
		d.refuse(slot, "send at most "+strconv.Itoa(event.MaxFieldBytes)+" bytes")
	}

	return text
}

// identifier is a string without control characters, or a whole number.
func (d *Decoder) identifier(slot, most int) []byte {
	got := d.picker.Got[slot]
	if got.Raw == nil {
		return nil
	}
	text, ok := d.picker.String(slot)
	switch {
	case !ok && isWhole(got.Raw):
		return got.Raw
	case !ok:
		d.refuse(slot, "send a string")
	case len(text) > most:
		d.refuse(slot, "send at most "+strconv.Itoa(most)+" bytes")
	case got.Is != 0 && event.HasControl(text):
		d.refuse(slot, "remove the control characters")
	}

	return text
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
