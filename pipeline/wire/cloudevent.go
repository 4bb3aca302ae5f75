package wire

import (
	"strconv"
	"strings"
)

// CloudEvent are the headers that make the signal's message a CloudEvent in the binary
// mode of its NATS binding, version 1.0. Signals of imported history, which are many
// and call for no act, have none.
func (s *Signal) CloudEvent() map[string]string {
	if s.Row > 0 {
		return nil
	}

	return map[string]string{
		"ce-specversion": "1.0",
		"ce-id":          s.ID,
		"ce-source":      "/ebb/" + strconv.Itoa(s.Partition),
		"ce-type":        "ebb.signal." + s.Signal,
		"ce-subject":     percentEncoded(s.Customer),
		"ce-time":        s.Time,
		"ce-dataschema":  "urn:ebb:schema:signal:" + strconv.Itoa(s.Schema),
		"Content-Type":   "application/json",
	}
}

// percentEncoded is text as the headers of a CloudEvent have it: printable ASCII
// without blanks, quotes and percent signs, and all else percent-encoded by byte.
func percentEncoded(text string) string {
	plain := func(c byte) bool { return c > ' ' && c < 0x7f && c != '"' && c != '%' }
	strange := 0
	for i := range len(text) {
		if !plain(text[i]) {
			strange++
		}
	}
	if strange == 0 {
		return text
	}
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	out.Grow(len(text) + 2*strange)
	for i := range len(text) {
		if c := text[i]; plain(c) {
			out.WriteByte(c)
		} else {
			out.WriteByte('%')
			out.WriteByte(digits[c>>4])
			out.WriteByte(digits[c&15])
		}
	}

	return out.String()
}
