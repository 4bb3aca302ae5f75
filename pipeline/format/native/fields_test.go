package native

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ebb/pipeline/event"
)

// fieldNames are the names in the table of fields.
func fieldNames() (names []string) {
	for f := event.FieldUnknown + 1; f < event.FieldCount; f++ {
		names = append(names, f.String())
	}

	return names
}

// sample is a value of a field of so many bytes, where it is a text.
func sample(spec *event.Spec, size int) string {
	switch spec.Form {
	case event.Text, event.Identifier:
		return strconv.Quote(strings.Repeat("x", max(1, size)))
	case event.Code:
		return `"EUR"`
	case event.Time:
		return `"2026-05-04T12:34:56.789Z"`
	case event.Money, event.Number:
		return "1"
	case event.Truth:
		return "true"
	case event.Object:
		return "{}"
	}

	return "null"
}

// decodeWith decodes an event in which a field has a value. The value of a text is
// written in two ways, one of which only the whole format can read.
func decodeWith(f event.Field, value string) (errs [2]error) {
	for i := range errs {
		var b bytes.Buffer
		b.WriteByte('{')
		for _, other := range []event.Field{event.FieldID, event.FieldTime, event.FieldCustomer, event.FieldType} {
			if other != f {
				b.WriteString(strconv.Quote(other.String()) + ":" + sample(other.Spec(), 1) + ",")
			}
		}
		name := f.String()
		if i == 1 {
			name = `\u00` + strconv.FormatInt(int64(name[0]), 16) + name[1:]
		}
		b.WriteString(`"` + name + `":` + value + `}`)
		var ev event.Event
		errs[i] = NewDecoder(0).Decode(b.Bytes(), &ev)
		if known := len(ev.Extra) == 0; errs[i] == nil && !known {
			errs[i] = errors.New("the decoder does not know it")
		}
	}

	return errs
}

// The decoder takes of every field in the table what its row says, and refuses what lies
// beyond, with the words of the table.
func TestDecoderFollowsTheTableOfFields(t *testing.T) {
	for f := event.FieldUnknown + 1; f < event.FieldCount; f++ {
		spec := f.Spec()
		takes := func(value string) {
			for _, err := range decodeWith(f, value) {
				if err != nil {
					t.Errorf("%s of %.40s: %v", f, value, err)
				}
			}
		}
		refuses := func(value, remedy string) {
			for _, err := range decodeWith(f, value) {
				var refusal *event.Refusal
				if !errors.As(err, &refusal) || refusal.Reason != event.ReasonInvalidField || refusal.Field != spec.Name || refusal.Remedy != remedy {
					t.Errorf("%s of %.40s: %v, want it to say %q", f, value, err, remedy)
				}
			}
		}
		takes(sample(spec, spec.Most))
		switch spec.Form {
		case event.Text, event.Identifier:
			refuses(sample(spec, spec.Most+1), "send at most "+strconv.Itoa(spec.Most)+" bytes")
			refuses("1", spec.Remedy())
		case event.Code, event.Time:
			refuses("1", spec.Remedy())
		case event.Money, event.Number:
			for _, bound := range []float64{spec.Low, spec.High} {
				takes(strconv.FormatFloat(bound, 'g', -1, 64))
			}
			if spec.Low > -math.MaxFloat64 {
				refuses(strconv.FormatFloat(math.Nextafter(spec.Low, math.Inf(-1)), 'g', -1, 64), spec.RemedyRange())
			}
			if spec.High < math.MaxFloat64 {
				refuses(strconv.FormatFloat(math.Nextafter(spec.High, math.Inf(1)), 'g', -1, 64), spec.RemedyRange())
			}
			refuses(`"1"`, spec.Remedy())
		case event.Truth, event.Object:
			refuses("1", spec.Remedy())
		}
		if spec.Form == event.Identifier != (decodeWith(f, `"a\u0007b"`)[0] != nil && spec.Form < event.Code) {
			t.Errorf("%s with a control character is refused: %v", f, spec.Form == event.Identifier)
		}
	}
}

// The encoder writes every field of the table, in its order, and no other.
func TestEncoderFollowsTheTableOfFields(t *testing.T) {
	var whole bytes.Buffer
	for f := event.FieldUnknown + 1; f < event.FieldCount; f++ {
		whole.WriteString(map[bool]string{true: "{", false: ","}[f == event.FieldID] + strconv.Quote(f.String()) + ":" + sample(f.Spec(), 3))
	}
	whole.WriteByte('}')
	var ev event.Event
	if err := NewDecoder(0).Decode(whole.Bytes(), &ev); err != nil {
		t.Fatal(err)
	}
	r := json.NewDecoder(bytes.NewReader(AppendEvent(nil, &ev)))
	var names []string
	for depth := 0; ; {
		token, err := r.Token()
		if err != nil {
			break
		}
		switch delim, is := token.(json.Delim); {
		case is && (delim == '{' || delim == '['):
			depth++
		case is:
			depth--
		case depth == 1:
			names = append(names, token.(string))
			var value json.RawMessage
			if err := r.Decode(&value); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := fieldNames(); !slices.Equal(names, want) {
		t.Errorf("it writes %q, the table has %q", names, want)
	}
}
