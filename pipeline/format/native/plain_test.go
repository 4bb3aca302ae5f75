package native

import (
	"strings"
	"testing"

	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

// plainEvents are written so that the plain path reads them.
var plainEvents = []string{
	benchmarkEvent,
	`{"id": "e1", "time": "2026-05-04T12:34:56Z", "customer": "c1", "type": "page.viewed", "machine": true, "properties": {}}`,
	`{"time":"2026-05-04T12:34:56.7891+02:00","id":"e1","anonymous_id":"a1","type":"order.completed","value":1249.90,` +
		`"currency":"EUR","sentiment":-0.25,"duration":12.5,"progress":0.75,"received_at":"2026-05-04T12:34:57Z",` +
		`"campaign":"","message":"m1","product":"p1","channel":null,"till":7,"tills":{"a":[1,{"b":[]},"x",null],"a2":false},` +
		`"properties":{"a_long_name_1":"1","a_long_name_2":2,"":3,"nested":{"a":{"b":{}}}},"x":"y","score":9}`,
}

func TestPlainReadsUsualEvents(t *testing.T) {
	for _, text := range plainEvents {
		d, ev := NewDecoder(0), event.Event{}
		d.Data = []byte(text)

		if !d.plain(&ev) {
			t.Errorf("%s is left to the careful reader", text)
		}

		checkDecode(t, d, []byte(text))
	}
}

// TestPlainChanged changes, drops and repeats each byte of events that are
// plain and compares Decode with the oracle.
func TestPlainChanged(t *testing.T) {
	others := []string{"", `"`, `""`, `\`, ",", ":", "{", "}", "}}", "[", "]", " ", "  ", "0", "-", "e", ".", "é", "\xff", "\x00", "\n", "\x7f"}
	if testing.Short() {
		others = others[:12]
	}

	d := NewDecoder(0)

	for _, event := range plainEvents {
		for i := range event {
			for _, other := range append(others, event[i:i+1]+event[i:i+1]) {
				checkDecode(t, d, []byte(event[:i]+other+event[i+1:]))
			}
		}

		for i := range event {
			checkDecode(t, d, []byte(event[:i]))
		}
	}
}

// TestPlainSizes moves quotes over every place in the index's words.
func TestPlainSizes(t *testing.T) {
	d, ev := NewDecoder(0), event.Event{}

	for size := range 200 {
		data := []byte(`{"id":"e1","time":"2026-05-04T12:34:56Z","customer":"c1","type":"a","session":"` + strings.Repeat("s", size) + `"}`)
		checkDecode(t, d, data)

		if d.Data = data; !d.plain(&ev) {
			t.Errorf("a session of %d bytes is left to the careful reader", size)
		}
	}

	for _, size := range []int{scan.PlainMost - 300, scan.PlainMost - 100, scan.PlainMost, scan.PlainMost + 1, 3 * scan.PlainMost} {
		checkDecode(t, d, []byte(`{"id":"e1","time":"2026-05-04T12:34:56Z","customer":"c1","type":"a","x":"`+strings.Repeat("x", size)+`"}`))
	}
}

// The customer of a plain event is heard of before the rest of it is read.
func TestPlainTellsTheCustomerEarly(t *testing.T) {
	for text, want := range map[string]string{
		`{"id":"e1","time":"2026-05-04T12:34:56Z","customer":"c1","type":"page.viewed","x":1}`:             "c1",
		`{"id":"e1","time":"2026-05-04T12:34:56Z","customer":"c2","type":"page.viewed","value":"nothing"}`: "c2",
		`{"id":"e1","time":"2026-05-04T12:34:56Z","anonymous_id":"a1","type":"page.viewed","x":1}`:         "",
	} {
		d, ev, heard := NewDecoder(0), event.Event{}, ""
		d.Expect = func(customer []byte) {
			if heard = string(customer); len(ev.Type) > 0 {
				t.Errorf("%s: the type was read before", text)
			}
		}

		_ = d.Decode([]byte(text), &ev) // what is refused in the end is heard of as well

		if heard != want {
			t.Errorf("%s: heard of %q, want %q", text, heard, want)
		}
	}
}

func TestPlainNames(t *testing.T) {
	for f := event.FieldID; f < event.FieldCount; f++ {
		name := f.String()
		data := []byte(`"` + name + `":"","` + name + `":0`)

		if got := plainFieldOf(data, 1, 1+len(name)); got != f {
			t.Errorf("%s is taken for %s", name, got.String())
		}

		for _, other := range []string{name[1:], name + "s", name[:len(name)-1], strings.ToUpper(name), ""} {
			data := []byte(other + `":"","` + name + `":0`)

			if got := plainFieldOf(data, 0, len(other)); got != fieldOf([]byte(other)) {
				t.Errorf("%q is taken for %s", other, got.String())
			}
		}

		first, second := scan.KeyOf(data, 1, 1+len(name)), scan.KeyOf(data, len(data)-2-len(name)-1, len(data)-3)
		if first != second {
			t.Errorf("the key of %s is %x and %x", name, first, second)
		}
	}
}
