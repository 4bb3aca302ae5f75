package native

import "ebb/pipeline/event"

// plain reads an event that is written as nearly all are: printable ASCII
// without escapes, no white space but a space after a colon or a comma, no
// field or name twice, nothing beyond a limit. It reports false for anything
// else, right or wrong, and the careful reader begins anew: that one knows all
// of the format and words every refusal. Both accept the same and read the
// same from it.
//
// The quoteIndex tells where strings end, so no byte of them is looked at
// again. The last byte is a brace outside of strings; so behind every byte that
// isn't that brace there is another.
func (d *Decoder) plain(ev *event.Event) bool { //nolint:cyclop // one pass, and a case for everything that is not plain
	data := d.data
	if len(data) < plainLeast || len(data) > plainMost || data[0] != '{' || data[len(data)-1] != '}' || !d.quotes.find(data) {
		return false
	}

	d.invalid, d.depth, d.keys = nil, 0, d.keys[:0]
	seen := uint32(0)
	i := 1 // the next byte

	for {
		begin := i + 1
		end := d.quotes.after(begin)

		// No known field with its value is shorter than eight bytes.
		if begin+8 > len(data) || end+2 >= len(data) || data[i] != '"' || data[end+1] != ':' {
			return false
		}

		f := plainFieldOf(data, begin, end)
		if seen&(1<<f) != 0 {
			return false
		}

		i = end + 2
		if data[i] == ' ' {
			i++
		}

		from := i

		switch {
		case f == event.FieldUnknown:
			if i = d.plainValue(i); i < 0 || !d.newKey(0, keyOf(data, begin, end)) {
				return false
			}

			ev.Extra = append(ev.Extra, event.Member{Name: data[begin:end:end], Value: data[from:i]})
		case data[i] == '"':
			i = d.quotes.after(i + 1)

			if i >= len(data) || !d.plainString(ev, f, data[from+1:i:i]) {
				return false
			}

			seen |= 1 << f
			i++
		default:
			if i = d.plainValue(i); i < 0 {
				return false
			}

			seen |= 1 << f
			d.field(ev, f, data[from:i], 0)
		}

		switch data[i] {
		case ',':
			i++
		case '}':
			return i == len(data)-1 && d.invalid == nil
		default:
			return false
		}

		if data[i] == ' ' {
			i++
		}
	}
}

// plainString sets a field of ev from a string.
func (d *Decoder) plainString(ev *event.Event, f field, s []byte) bool {
	if len(s) > event.MaxFieldBytes {
		return false
	}

	//exhaustive:enforce
	switch f {
	case event.FieldID:
		ev.ID = s
	case event.FieldTime:
		return plainTime(&ev.Time, s)
	case event.FieldCustomer:
		ev.Customer = s
	case event.FieldAnonymousID:
		ev.AnonymousID = s

		return len(s) <= event.MaxAnonymousBytes
	case event.FieldType:
		ev.Type = s

		return len(s) <= event.MaxTypeBytes
	case event.FieldChannel:
		ev.Channel = s
	case event.FieldSession:
		ev.Session = s
	case event.FieldDevice:
		ev.Device = s
	case event.FieldCampaign:
		ev.Campaign = s
	case event.FieldMessage:
		ev.Message = s
	case event.FieldProduct:
		ev.Product = s
	case event.FieldCurrency:
		ev.Currency = s

		return event.IsCurrency(s)
	case event.FieldReceivedAt:
		ev.Fields |= event.HasReceivedAt

		return plainTime(&ev.ReceivedAt, s)
	case event.FieldUnknown, event.FieldValue, event.FieldScore, event.FieldSentiment, event.FieldDuration, event.FieldProgress, event.FieldMachine, event.FieldProperties, event.FieldCount:
		return false // no strings
	}

	return true
}

func plainTime(ms *int64, s []byte) bool {
	t, fault := parseTime(s)
	*ms = t

	return fault == ""
}

// plainDepth is up to which depth the plain path reads.
const plainDepth = 8

// plainValue reads the value at i, to a place before the last brace; below 0
// where it is not plain.
func (d *Decoder) plainValue(i int) int {
	switch d.data[i] {
	case '"':
		if i = d.quotes.after(i+1) + 1; i >= len(d.data) {
			return -1
		}

		return i
	case '{':
		return d.plainObject(i)
	case '[':
		return d.plainArray(i)
	case 't':
		return d.literal(i, "true")
	case 'f':
		return d.literal(i, "false")
	case 'n':
		return d.literal(i, "null")
	default:
		return d.number(i)
	}
}

func (d *Decoder) plainObject(i int) int {
	data := d.data
	last := len(data) - 1 // the brace that ends the event, which has to be left

	if i++; data[i] == '}' && i < last {
		return i + 1
	}

	if d.depth++; d.depth > plainDepth {
		return -1
	}

	own := len(d.keys)

	for {
		begin := i + 1
		end := d.quotes.after(begin)

		if end+1 >= last || data[i] != '"' || data[end+1] != ':' || !d.newKey(own, keyOf(data, begin, end)) {
			return -1
		}

		i = end + 2
		if data[i] == ' ' {
			i++
		}

		if i = d.plainValue(i); i < 0 {
			return -1
		}

		switch data[i] {
		case ',':
			i++
		case '}':
			if i == last {
				return -1
			}

			d.depth--
			d.keys = d.keys[:own]

			return i + 1
		default:
			return -1
		}

		if data[i] == ' ' {
			i++
		}
	}
}

func (d *Decoder) plainArray(i int) int {
	data := d.data

	if i++; data[i] == ']' {
		return i + 1
	}

	if d.depth++; d.depth > plainDepth {
		return -1
	}

	for {
		if i = d.plainValue(i); i < 0 {
			return -1
		}

		switch data[i] {
		case ',':
			i++
		case ']':
			d.depth--

			return i + 1
		default:
			return -1
		}

		if data[i] == ' ' {
			i++
		}
	}
}
