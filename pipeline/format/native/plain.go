package native

import (
	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

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
	data := d.Data
	if len(data) < scan.PlainLeast || len(data) > scan.PlainMost || data[0] != '{' || data[len(data)-1] != '}' || !d.Quotes.Find(data) {
		return false
	}

	d.invalid, d.Depth, d.Keys = nil, 0, d.Keys[:0]
	seen := uint32(0)
	i := 1 // the next byte

	for {
		begin := i + 1
		end := d.Quotes.After(begin)

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
			if i = d.PlainValue(i); i < 0 || !d.NewKey(0, scan.KeyOf(data, begin, end)) {
				return false
			}

			ev.Extra = append(ev.Extra, event.Member{Name: data[begin:end:end], Value: data[from:i]})
		case data[i] == '"':
			i = d.Quotes.After(i + 1)

			if i >= len(data) || !d.plainString(ev, f, data[from+1:i:i]) {
				return false
			}

			seen |= 1 << f
			i++
		default:
			if i = d.PlainValue(i); i < 0 {
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
		if d.Expect != nil {
			d.Expect(s)
		}
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
	t, fault := scan.ParseTime(s)
	*ms = t

	return fault == ""
}
