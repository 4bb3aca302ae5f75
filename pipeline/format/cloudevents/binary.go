package cloudevents

import (
	"strings"
	"unicode/utf8"

	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

// Prefix begins the names of headers that are attributes, in any case.
const Prefix = "ce-"

// Header finds a header by its name, whatever its case: NATS keeps the case in which
// it was written.
func Header(headers map[string][]string, name string) string {
	if values := headers[name]; len(values) > 0 {
		return values[0]
	}
	found, of := "", ""
	for other, values := range headers {
		if len(values) > 0 && strings.EqualFold(other, name) && (of == "" || other < of) { // of several the same each time
			found, of = values[0], other
		}
	}

	return found
}

// DecodeBinary reads one event whose attributes are headers and whose data is the
// body. Beside that it is as Decode.
func (d *Decoder) DecodeBinary(headers map[string][]string, body []byte, from event.Origin, ev *event.Event) error {
	d.begin(ev)
	if len(body) > event.MaxEventBytes {
		return event.InFormat(Name, scan.Oversize(len(body), event.MaxEventBytes))
	}
	for i, name := range attributes() {
		slot := specVersion + i
		if slot == data || slot == dataBase64 {
			continue
		}
		value := Header(headers, Prefix+name)
		if slot == contentType && value == "" {
			value = Header(headers, "Content-Type")
		}
		if value == "" {
			continue
		}
		text, ok := decodeHeader(value)
		if !ok {
			d.refuse(slot, []byte(value), "percent-encode the bytes of UTF-8, such as %C3%A9")
		}
		d.attributes[i] = []byte(text)
	}
	d.openBody(body)

	return d.finish(from, ev)
}

// decodeHeader takes quotes and percent signs off the value of a header.
func decodeHeader(value string) (string, bool) {
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
		value = unquote(value[1 : n-1])
	}
	if strings.IndexByte(value, '%') < 0 {
		return value, utf8.ValidString(value)
	}
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] != '%' {
			b.WriteByte(value[i])

			continue
		}
		if i+2 >= len(value) {
			return value, false
		}
		high, okHigh := hexDigit(value[i+1])
		low, okLow := hexDigit(value[i+2])
		if !okHigh || !okLow {
			return value, false
		}
		b.WriteByte(high<<4 | low)
		i += 2
	}

	return b.String(), utf8.ValidString(b.String())
}

// unquote takes the backslashes of a quoted string off.
func unquote(text string) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}

	return b.String()
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}

	return 0, false
}
