package metric

import (
	"bytes"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// PropertyKey is a value of the properties as the key of a row; see propertyReader.key.
func (e *Event) PropertyKey(name string) string {
	if !e.mayHave(name) {
		return ""
	}

	return string(e.reader.key(e.Properties, []string{name}))
}

// mayHave says whether properties may have a name, and makes their reader if so.
func (e *Event) mayHave(name string) bool {
	if !bytes.Contains(e.Properties, []byte(name)) && bytes.IndexByte(e.Properties, '\\') < 0 { // it may be written with escapes
		return false
	}
	if e.reader == nil {
		e.reader = new(propertyReader)
	}

	return true
}

// Property reads one value of the event's properties, by its name.
func (e *Event) Property(name string) Value {
	if !e.mayHave(name) {
		return Value{}
	}
	if !e.reader.find(e.Properties, []string{name}) {
		return Value{}
	}
	token, err := e.reader.json.ReadToken()
	if err != nil {
		return Value{}
	}

	return Value{token: token, there: true}
}

// Value is a value of the properties. It lasts as long as no other is read.
type Value struct {
	token jsontext.Token
	there bool
}

// Text is a string's value, "" for what is none.
func (p Value) Text() string {
	if p.there && p.token.Kind() == '"' {
		return p.token.String()
	}

	return ""
}

// Truth is a truth value; false for known where it is none.
func (p Value) Truth() (is, known bool) {
	if !p.there {
		return false, false
	}
	kind := p.token.Kind()

	return kind == 't', kind == 't' || kind == 'f'
}

// Number is a number of at most most in magnitude; false where it is none.
func (p Value) Number(most float64) (float64, bool) {
	if !p.there || p.token.Kind() != '0' {
		return 0, false
	}
	v, err := p.token.Float()

	return v, err == nil && math.Abs(v) <= most
}

// propertyReader reads properties. It belongs to one goroutine.
type propertyReader struct {
	reader bytes.Reader
	json   jsontext.Decoder
}

// find goes to the value at a path; false where there is none.
func (r *propertyReader) find(properties []byte, path []string) bool {
	if len(properties) == 0 {
		return false
	}
	r.reader.Reset(properties)
	r.json.Reset(&r.reader)
	for _, name := range path {
		if !r.enter(name) {
			return false
		}
	}

	return true
}

// key is a value of the properties as the key of a row: a string as it is, a
// truth value or a whole number below 10^15 as JSON has it, and nothing where it is
// null or missing. Longer strings, other numbers, lists and objects are Other.
func (r *propertyReader) key(properties []byte, path []string) []byte {
	if !r.find(properties, path) {
		return nil
	}
	token, err := r.json.ReadToken()
	if err != nil {
		return nil
	}
	switch token.Kind() {
	case '"':
		if text := token.String(); len(text) <= MaxText {
			return []byte(text)
		}
	case 't', 'f':
		return []byte(token.String())
	case 'n':
		return nil
	case '0':
		if v, err := token.Float(); err == nil && v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.AppendInt(nil, int64(v), 10)
		}
	}

	return []byte(Other)
}

// enter goes to the value of a name in the object that comes next; false where there
// is none.
func (r *propertyReader) enter(name string) bool {
	if r.json.PeekKind() != '{' {
		return false
	}
	if _, err := r.json.ReadToken(); err != nil {
		return false
	}
	for r.json.PeekKind() == '"' {
		token, err := r.json.ReadToken()
		if err != nil {
			return false
		}
		if token.String() == name {
			return true
		}
		if err := r.json.SkipValue(); err != nil {
			return false
		}
	}

	return false
}
