package segment

import (
	"bytes"
	"errors"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
)

// FuzzDecode checks that the decoder accepts nothing that is not strict JSON, that
// what it makes is an event to the native decoder, and that the plain and the careful
// reading are one.
func FuzzDecode(f *testing.F) {
	for _, c := range badCalls() {
		f.Add([]byte(c.call))
	}
	f.Add([]byte(whole))
	f.Add([]byte(`{"type":"page","anonymousId":"a\u00e9","messageId":"m","timestamp":"2026-05-04 12:00:00+0200"}`))
	d, plain := NewDecoder(shop{}), native.NewDecoder(2*event.MaxEventBytes)
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		var ev event.Event
		err := NewDecoder(shop{}).Decode(data, event.Origin{ID: []byte("o"), Received: 1}, &ev)
		if !bytes.Equal(before, data) {
			t.Fatalf("%q became %q", before, data)
		}
		var again event.Event
		spaced := append([]byte(" "), data...) // which is never plain
		if careful := d.Decode(spaced, event.Origin{ID: []byte("o"), Received: 1}, &again); (careful == nil) != (err == nil) && len(data) < event.MaxEventBytes {
			t.Fatalf("%q: plainly %v, carefully %v", data, err, careful)
		}
		if err != nil {
			var refusal *event.Refusal
			if !errors.As(err, &refusal) || refusal.Remedy == "" {
				t.Fatalf("%q: %v is no refusal with a remedy", data, err)
			}

			return
		}
		if !jsontext.Value(data).IsValid() {
			t.Fatalf("%q is accepted", data)
		}
		line := native.AppendEvent(nil, &ev)
		if second := native.AppendEvent(nil, &again); !bytes.Equal(line, second) && ev.Time == again.Time {
			t.Fatalf("%q is read as\n%s and\n%s", data, line, second)
		}
		var back event.Event
		if err := plain.Decode(line, &back); err != nil {
			t.Fatalf("%q makes %s: %v", data, line, err)
		}
	})
}
