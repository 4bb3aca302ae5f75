package replay

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// draft is a row on its way to become an event: the text of each field, not
// yet checked.
type draft struct {
	text       [fieldCount][]byte // empty: the row has no value
	composed   [fieldCount]bool   // the text is a JSON object or array
	number     [fieldCount]bool   // the text is a JSON number
	numbers    Numbers            // how others are written
	properties []byte             // members for the properties, each with a comma behind
	arena      []byte             // where texts lie that are no part of the row
}

func (d *draft) reset() {
	*d = draft{properties: d.properties[:0], arena: d.arena[:0], numbers: d.numbers}
}

// setJSON takes a JSON value: the text of a string, number or truth value, or
// an object or array as it is. null is no value.
func (d *draft) setJSON(f field, value []byte) {
	from := len(d.arena)
	switch jsontext.Value(value).Kind() {
	case 'n':
		return
	case '"':
		d.arena, _ = jsontext.AppendUnquote(d.arena, value) // read by the decoder, so it is a string
	case '{', '[':
		d.composed[f] = true
		d.arena = append(d.arena, value...)
	default:
		d.number[f] = true
		d.arena = append(d.arena, value...)
	}
	d.text[f] = d.arena[from:len(d.arena):len(d.arena)]
}

// addProperty keeps text under a name that is a JSON string already.
func (d *draft) addProperty(quoted, text []byte) {
	d.properties = append(append(d.properties, quoted...), ':')
	d.properties = append(appendString(d.properties, text), ',')
}

// addRawProperty keeps a JSON value.
func (d *draft) addRawProperty(name, value []byte) {
	d.properties = append(appendString(d.properties, name), ':')
	d.properties = append(append(d.properties, value...), ',')
}

// appendString appends text as a JSON string. Bytes that are no UTF-8 stay as
// they are: the event becomes a dead letter that shows them.
func appendString(dst, text []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i, c := range text {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = fmt.Appendf(dst, `\u%04x`, c)
		}
	}

	return append(append(dst, text[from:]...), '"')
}

// appendNumber appends text as a JSON number, digit for digit. JSON wants no
// plus sign, no superfluous zero in front and a digit on both sides of the
// point. It returns false where text is no number that JSON can hold.
func appendNumber(dst, text []byte) ([]byte, bool) {
	start := len(dst)
	rest := bytes.TrimSpace(text)
	switch {
	case bytes.HasPrefix(rest, []byte{'-'}):
		dst, rest = append(dst, '-'), rest[1:]
	case bytes.HasPrefix(rest, []byte{'+'}):
		rest = rest[1:]
	}
	whole, rest := cutDigits(rest)
	var fraction []byte
	if bytes.HasPrefix(rest, []byte{'.'}) {
		fraction, rest = cutDigits(rest[1:])
	}
	if len(whole)+len(fraction) == 0 || !isExponent(rest) {
		return dst[:start], false
	}
	if whole = bytes.TrimLeft(whole, "0"); len(whole) == 0 {
		whole = []byte{'0'}
	}
	dst = append(dst, whole...)
	if len(fraction) > 0 {
		dst = append(append(dst, '.'), fraction...)
	}

	return append(dst, rest...), true
}

// isExponent says whether text is the exponent of a number, or none.
func isExponent(text []byte) bool {
	if len(text) == 0 {
		return true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return false
	}
	if text = text[1:]; len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		text = text[1:]
	}
	digits, rest := cutDigits(text)

	return len(digits) > 0 && len(rest) == 0
}

func cutDigits(text []byte) (digits, rest []byte) {
	for i, c := range text {
		if c < '0' || c > '9' {
			return text[:i], text[i:]
		}
	}

	return text, nil
}

// appendTruth appends true or false.
func appendTruth(dst, text []byte) ([]byte, bool) {
	switch string(bytes.ToLower(bytes.TrimSpace(text))) {
	case "true", "yes", "1":
		return append(dst, "true"...), true
	case "false", "no", "0":
		return append(dst, "false"...), true
	}

	return dst, false
}

// cellError says what is wrong with a value of a row.
type cellError struct {
	field  field
	value  []byte
	reason string
	remedy string
}

func (e *cellError) Error() string {
	return fmt.Sprintf("%s is %q, which is %s; %s", e.field, e.value[:min(len(e.value), 60)], e.reason, e.remedy)
}

// appendField appends the field's value as JSON. A value that doesn't fit the
// field is written as a string: the event becomes a dead letter that shows it.
func (d *draft) appendField(dst []byte, f field) ([]byte, error) {
	text := d.text[f]
	if d.composed[f] {
		dst = append(dst, text...)
		if f.kind() == kindObject && text[0] == '{' {
			return dst, nil
		}

		return dst, &cellError{f, text, "an object or array", "let the path lead to a string or number"}
	}
	ok := true
	var remedy string
	switch f.kind() {
	case kindNumber:
		from := len(dst)
		if d.numbers != (Numbers{}) && !d.number[f] {
			at := len(d.arena)
			if d.arena, ok = d.numbers.plain(d.arena, text); ok {
				text = d.arena[at:]
			}
		}
		if ok {
			dst, ok = appendNumber(dst, text)
		}
		remedy = "write numbers like " + d.numbers.example()
		if !ok {
			break
		}
		if allowed := f.outside(dst[from:]); allowed != "" {
			return dst, &cellError{f, text, "out of range", "send a number " + allowed}
		}
	case kindTruth:
		dst, ok = appendTruth(dst, text)
		remedy = "write true or false"
	case kindObject:
		ok, remedy = false, "let the path lead to an object"
	default:
		dst = appendString(dst, text)
		if !utf8.Valid(text) {
			return dst, &cellError{f, text, "not UTF-8", toUTF8}
		}
	}
	if !ok {
		return appendString(dst, text), &cellError{f, text, "not a " + kindName(f.kind()), remedy}
	}

	return dst, nil
}

func kindName(kind fieldKind) string {
	return [...]string{"text", "time", "number", "truth value", "JSON object"}[kind]
}
