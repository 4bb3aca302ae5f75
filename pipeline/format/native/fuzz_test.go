package native

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"unicode/utf8"

	"ebb/pipeline/event"
)

// FuzzDecode checks Decode against go-json-experiment: both have to accept
// the same messages and read the same from them.
func FuzzDecode(f *testing.F) {
	for _, c := range readBadInput(f) {
		if len(c.message) < 4096 {
			f.Add(c.message)
		}
	}

	f.Add([]byte(benchmarkEvent))
	f.Add([]byte(benchmarkOrder))

	d := NewDecoder(0)

	f.Fuzz(func(t *testing.T, data []byte) { checkDecode(t, d, data) })
}

// checkDecode compares Decode with the oracle for one message.
func checkDecode(t *testing.T, d *Decoder, data []byte) {
	t.Helper()

	before := bytes.Clone(data)
	wantReason, wantField, want := judge(data)

	var got event.Event

	err := d.Decode(data, &got)

	if !bytes.Equal(before, data) {
		t.Fatalf("%q: became %q", before, data)
	}

	if err == nil {
		if wantReason != event.ReasonNone {
			t.Fatalf("%q: accepted, want %v %s", data, wantReason, wantField)
		}

		if diff := differs(&got, &want); diff != "" {
			t.Fatalf("%q: %s differs:\n got %+v\nwant %+v", data, diff, got, want)
		}

		return
	}

	var refusal *event.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("%q: %T is no refusal", data, err)
	}

	checkPrintable(t, refusal.Error())

	reason := refusal.Reason
	if reason == event.ReasonInvalidUTF8 {
		if utf8.Valid(data) {
			t.Fatalf("%q: is UTF-8, but %v", data, err)
		}

		reason = event.ReasonMalformed
	}

	if reason != wantReason {
		t.Fatalf("%q: %v, want %v %s", data, err, wantReason, wantField)
	}

	if reason == event.ReasonInvalidField && refusal.Field != wantField {
		t.Fatalf("%q: %v, want it to name %s", data, err, wantField)
	}
}

// differs names the first field in which two events differ.
func differs(a, b *event.Event) string {
	va, vb := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()

	for i := range va.NumField() {
		name := va.Type().Field(i).Name

		switch x := va.Field(i).Interface().(type) {
		case []byte:
			if !bytes.Equal(x, vb.Field(i).Bytes()) {
				return name
			}
		case float64:
			if math.Float64bits(x) != math.Float64bits(vb.Field(i).Float()) {
				return name
			}
		case []event.Member:
			if !slices.EqualFunc(x, b.Extra, func(m, n event.Member) bool {
				return bytes.Equal(m.Name, n.Name) && bytes.Equal(m.Value, n.Value)
			}) {
				return name
			}
		default:
			if x != vb.Field(i).Interface() {
				return name
			}
		}
	}

	return ""
}
