package forget

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"ebb/pipeline/event"
	"ebb/pipeline/format"
)

// maxNested bounds how often JSON stands within text within JSON: an event that a
// source could not read stands as text in what is kept of it.
const maxNested = 4

// byteOrderMark may stand before a text, and is none of it.
const byteOrderMark = "\uFEFF"

// Mentions hands over whom an event may be of that could not be read. Where it says so in
// fields of its form, see whose.go, these are all: what else it holds is about others.
// Where it does not, all texts and numbers in it are, also in text or base64 that is JSON
// itself, in UTF-16, and between the bytes of a binary form: each may be what it calls its
// customer. Each is handed over as it is and as an anonymous id. It ends when found says true, and returns that.
func Mentions(body []byte, found func(id string) bool) bool {
	body = bytes.TrimPrefix(body, []byte(byteOrderMark))
	raw, of := body, string(format.Native)
	if text, from, ok := event.OfRefused(body); ok {
		raw, of = bytes.TrimPrefix(text, []byte(byteOrderMark)), from
	}
	if ids, told := whose(raw, of); told {
		return anyOf(ids, found)
	}

	return mentions(body, found, maxNested)
}

// anyOf says whether found knows one of the ids, or one as an anonymous id.
func anyOf(ids []string, found func(id string) bool) bool {
	for _, id := range ids {
		if found(id) || found(event.AnonymousPrefix+id) {
			return true
		}
	}

	return false
}

func mentions(body []byte, found func(id string) bool, nested int) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	for {
		from := d.InputOffset()
		value, err := parse(d, maxDepth)
		if within(value, found, nested) {
			return true
		}
		if err != nil { // the end, or no JSON from here on
			return inWords(body[from:], found) || inUTF16(body[from:], found, nested)
		}
	}
}

// inUTF16 looks at bytes that may be text of two bytes a character, as which most writing
// has zeros in it, in either order.
func inUTF16(body []byte, found func(id string) bool, nested int) bool {
	if nested == 0 || bytes.IndexByte(body, 0) < 0 {
		return false
	}
	units := make([]uint16, len(body)/2)
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for i := range units {
			units[i] = order.Uint16(body[2*i:])
		}
		text := strings.TrimPrefix(string(utf16.Decode(units)), byteOrderMark)
		if mentions([]byte(text), found, nested-1) {
			return true
		}
	}

	return false
}

func within(value any, found func(id string) bool, nested int) bool {
	switch v := value.(type) {
	case string:
		return inText(v, found, nested)
	case json.Number:
		return anyOf([]string{v.String()}, found)
	case []any:
		for _, one := range v {
			if within(one, found, nested) {
				return true
			}
		}
	case object:
		for _, m := range v {
			if found(m.name) || within(m.value, found, nested) {
				return true
			}
		}
	}

	return false
}

func inText(text string, found func(id string) bool, nested int) bool {
	if len(text) <= event.MaxCustomerBytes && anyOf([]string{text}, found) {
		return true
	}
	if nested == 0 {
		return false
	}
	if strings.ContainsAny(text, "{[\";\t\n") {
		return mentions([]byte(text), found, nested-1)
	}
	if raw, err := base64.StdEncoding.DecodeString(text); err == nil && len(raw) > 0 {
		return mentions(raw, found, nested-1)
	}

	return false
}

// inWords looks at what is no JSON, or was cut off, between the marks that stand around
// a value in JSON, CSV and the like, and the bytes that do in binary forms.
func inWords(text []byte, found func(id string) bool) bool {
	for word := range bytes.FieldsFuncSeq(text, func(r rune) bool {
		return strings.ContainsRune("{}[]\",;:=&\\'", r) || unicode.IsControl(r) || r == utf8.RuneError
	}) {
		word = bytes.TrimSpace(word)
		if len(word) > 0 && len(word) <= event.MaxCustomerBytes && anyOf([]string{string(word)}, found) {
			return true
		}
	}

	return false
}
