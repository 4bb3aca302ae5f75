package native

import (
	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

// Decoder reads the native JSON event.
//
// It is strict: RFC 8259 and I-JSON (RFC 7493), so it refuses bad UTF-8, raw
// control characters, lone surrogates, names that occur twice in an object at
// any depth, and anything after the event. Beyond that it refuses events
// nested deeper than MaxEventDepth. Names match exactly, also when escaped.
//
// An event is first read as plain text, which nearly all are (plain.go);
// the rest of this file and the others read all of the format.
//
// It allocates nothing for an event that it accepts, once its buffers have
// grown. A Decoder belongs to one goroutine.
type Decoder struct {
	max int // bytes of an event

	// Expect hears the customer as soon as they are read, while the rest of the event
	// still is to be; nil for nobody. It is for getting ready: it hears nothing of events
	// that are not plain, and of some that are refused in the end.
	Expect func(customer []byte)

	scan.Scanner

	invalid *event.Refusal // the first field that is not as it has to be
}

// NewDecoder makes a decoder that refuses events of more than maxBytes bytes;
// MaxEventBytes where maxBytes is not positive.
func NewDecoder(maxBytes int) *Decoder {
	if maxBytes <= 0 {
		maxBytes = event.MaxEventBytes
	}

	return &Decoder{max: maxBytes, Scanner: scan.New()}
}

// Decode reads one event into ev, whose slices are valid until the next
// Decode. The error is a *Refusal. Of several faults it names the first of:
// too large, no JSON object, the first invalid field, then a missing id, time,
// type or customer. ev is of no use after an error.
func (d *Decoder) Decode(data []byte, ev *event.Event) error {
	ev.Reset()
	ev.Time = absentTime

	if len(data) > d.max {
		return scan.Oversize(len(data), d.max)
	}

	d.Data = data
	d.Scratch = d.Scratch[:0]

	if d.plain(ev) {
		return d.complete(ev)
	}

	ev.Reset()
	ev.Time = absentTime
	d.Begin()
	d.invalid = nil

	if d.event(ev) < 0 {
		return d.Syntax
	}

	if d.invalid != nil {
		return d.invalid
	}

	return d.complete(ev)
}

// event reads the whole message. Like all readers here, it takes and returns a
// place in the data, and a place below 0 means that syntax says why not.
func (d *Decoder) event(ev *event.Event) int {
	data := d.Data

	i := d.Space(0)
	if i == len(data) {
		return d.Malformed(i, "send a JSON object, not an empty message")
	}

	if data[i] == 0xef {
		return d.Malformed(i, "send a JSON object without a byte order mark")
	}

	if data[i] != '{' {
		return d.Malformed(i, "send one JSON object")
	}

	if i = d.fields(i, ev); i < 0 {
		return i
	}

	if i = d.Space(i); i != len(data) {
		return d.Malformed(i, "send one event a message, with nothing after it")
	}

	return i
}

// fields reads the object of the event, which begins at i.
func (d *Decoder) fields(i int, ev *event.Event) int {
	d.Depth++
	data := d.Data
	seen := uint32(0)
	extra := d.Open()

	i = d.Space(i + 1)
	if i < len(data) && data[i] == '}' {
		return i + 1
	}

	for {
		name, next := d.Name(i)
		if next < 0 {
			return next
		}

		f := fieldOf(d.Text(name))

		switch {
		case f == event.FieldUnknown:
			if !d.Unique(extra, name) {
				return d.Malformed(i, "send each field once")
			}
		case seen&(1<<f) != 0:
			return d.Malformed(i, "send each field once")
		default:
			seen |= 1 << f
		}

		begin := next

		end, is := d.Value(begin)
		if end < 0 {
			return end
		}

		if f == event.FieldUnknown {
			ev.Extra = append(ev.Extra, event.Member{Name: d.Text(name), Value: data[begin:end]})
		} else {
			d.field(ev, f, data[begin:end], is)
		}

		if i = d.Space(end); i < len(data) && data[i] == ',' {
			i = d.Space(i + 1)

			continue
		}

		if i < len(data) && data[i] == '}' {
			return i + 1
		}

		return d.Malformed(i, "put a comma or } after a field")
	}
}

// complete checks that nothing is missing and makes the customer id.
func (d *Decoder) complete(ev *event.Event) error {
	switch {
	case len(ev.ID) == 0:
		return event.Refuse(event.ReasonMissingID, "id", nil, "send an id that is the same when the event is sent again")
	case ev.Time == absentTime:
		return event.Refuse(event.ReasonMissingTime, "time", nil, "send when it happened, such as 2026-05-04T12:34:56.789Z")
	case len(ev.Type) == 0:
		return event.Refuse(event.ReasonMissingType, "type", nil, "send what happened, such as page.viewed")
	case len(ev.Customer) == 0 && len(ev.AnonymousID) == 0:
		return event.Refuse(event.ReasonMissingCustomer, "customer", nil, "send customer or anonymous_id")
	}
	if err := event.RefuseNullCustomer(ev); err != nil || len(ev.Customer) > 0 {
		return err
	}

	begin := len(d.Scratch)
	d.Scratch = append(append(d.Scratch, event.AnonymousPrefix...), ev.AnonymousID...)
	ev.Customer = d.Scratch[begin:]

	return nil
}
