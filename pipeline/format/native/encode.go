package native

import (
	"bytes"
	"strconv"
	"time"

	"ebb/pipeline/event"
)

// AppendEvent appends ev to dst as a native JSON event on one line. A Decoder
// reads the same event back. Only what a decoder could have made is written
// right: what is no UTF-8 or no number, or too long, is written as it is, and
// refused by whoever reads it.
func AppendEvent(dst []byte, ev *event.Event) []byte {
	dst = append(dst, `{"id":`...)
	dst = appendString(dst, ev.ID)
	dst = append(dst, `,"time":`...)
	dst = appendTime(dst, ev.Time)

	if !isAnonymousOf(ev.Customer, ev.AnonymousID) {
		dst = appendStringField(dst, event.FieldCustomer, ev.Customer)
	}

	dst = appendStringField(dst, event.FieldAnonymousID, ev.AnonymousID)
	dst = appendStringField(dst, event.FieldType, ev.Type)
	dst = appendStringField(dst, event.FieldChannel, ev.Channel)
	dst = appendStringField(dst, event.FieldSession, ev.Session)
	dst = appendStringField(dst, event.FieldDevice, ev.Device)
	dst = appendStringField(dst, event.FieldCampaign, ev.Campaign)
	dst = appendStringField(dst, event.FieldMessage, ev.Message)
	dst = appendStringField(dst, event.FieldProduct, ev.Product)

	if ev.Has(event.HasValue) {
		dst = ev.Value.Append(appendField(dst, event.FieldValue))
	}

	dst = appendStringField(dst, event.FieldCurrency, ev.Currency)

	if ev.Has(event.HasScore) {
		dst = appendFloat(appendField(dst, event.FieldScore), ev.Score)
	}

	if ev.Has(event.HasSentiment) {
		dst = appendFloat(appendField(dst, event.FieldSentiment), ev.Sentiment)
	}

	if ev.Has(event.HasDuration) {
		dst = appendFloat(appendField(dst, event.FieldDuration), ev.Duration)
	}

	if ev.Has(event.HasProgress) {
		dst = appendFloat(appendField(dst, event.FieldProgress), ev.Progress)
	}

	if ev.Machine {
		dst = append(appendField(dst, event.FieldMachine), "true"...)
	}

	if ev.Has(event.HasReceivedAt) {
		dst = appendTime(appendField(dst, event.FieldReceivedAt), ev.ReceivedAt)
	}

	if len(ev.Properties) > 0 {
		dst = append(appendField(dst, event.FieldProperties), ev.Properties...)
	}

	for _, m := range ev.Extra {
		dst = append(appendString(append(dst, ','), m.Name), ':')
		dst = append(dst, m.Value...)
	}

	return append(dst, '}')
}

// isAnonymousOf reports whether the customer id was made of the anonymous id.
func isAnonymousOf(customer, anonymous []byte) bool {
	n := len(event.AnonymousPrefix)

	return len(anonymous) > 0 && len(customer) == n+len(anonymous) &&
		string(customer[:n]) == event.AnonymousPrefix && bytes.Equal(customer[n:], anonymous)
}

func appendField(dst []byte, f field) []byte {
	dst = append(dst, ',', '"')
	dst = append(dst, f.String()...)

	return append(dst, '"', ':')
}

func appendStringField(dst []byte, f field, s []byte) []byte {
	if len(s) == 0 {
		return dst
	}

	return appendString(appendField(dst, f), s)
}

// appendString appends s as a JSON string.
func appendString(dst, s []byte) []byte {
	const hex = "0123456789abcdef"

	dst = append(dst, '"')
	plain := 0 // where the text begins that needs no escape

	for i, c := range s {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}

		dst = append(dst, s[plain:i]...)
		plain = i + 1

		if c >= ' ' {
			dst = append(dst, '\\', c)
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}

	return append(append(dst, s[plain:]...), '"')
}

func appendTime(dst []byte, ms int64) []byte {
	return time.UnixMilli(ms).UTC().AppendFormat(dst, `"2006-01-02T15:04:05.000Z"`)
}

// appendFloat appends the shortest number that reads back as v.
func appendFloat(dst []byte, v float64) []byte {
	return strconv.AppendFloat(dst, v, 'g', -1, 64)
}
