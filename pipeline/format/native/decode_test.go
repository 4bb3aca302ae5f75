package native

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
)

// TestDecodeAgainstOracle makes messages of fragments that are right, wrong or
// odd, and compares Decode with the oracle.
func TestDecodeAgainstOracle(t *testing.T) {
	fragments := []string{
		`null`, `true`, `false`, `0`, `-0`, `1`, `-1`, `0.5`, `12.3456789`, `1e9`, `1E+9`, `1.0000000001e18`, `1e400`, `-1e-400`, `123456789012345678901234567890`, `9007199254740993.000001`, `-25e-7`,
		`1e400`, `2.2250738585072011e-308`, `123456789012345678`, `0.1234567890123456789`, `01`, `"`, `""`, `"x"`,
		`"\u00e9\u00E9\n\"\\\/\b\f\r\t"`, `"é€😀"`, `"\ud83d\ude00"`, `"\ud83d"`, "\"\xff\"", "\"\x01\"", "\"\x7f\"", `"\u0085"`,
		`"2026-05-04T12:34:56.789Z"`, `"2026-05-04T12:34:56+02:00"`, `"2026-02-29T00:00:00Z"`, `"EUR"`, `"eur"`, `{}`, `[]`,
		`{"a":1,"b":[1,{"c":null}]}`, `{"a":1,"a":2}`, `[1,2,]`, ` [ 1 , "2" ] `, `{"a":{"b":{"b":1}},"b":2}`,
		`"` + strings.Repeat("x", 129) + `"`, `"` + strings.Repeat("x", 257) + `"`, strings.Repeat("[", 63) + strings.Repeat("]", 63),
		strings.Repeat("[", 64) + strings.Repeat("]", 64),
	}
	names := append(fieldNames(), "x", "y", "ID", "", "t\\u0069me", "\\u0078", "properties ")
	required := []string{`"id":"e1"`, `"time":"2026-05-04T12:34:56Z"`, `"customer":"c1"`, `"type":"page.viewed"`}
	d := NewDecoder(0)

	rapid.Check(t, func(rt *rapid.T) {
		fields := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) string {
			return `"` + rapid.SampledFrom(names).Draw(rt, "name") + `":` + rapid.SampledFrom(fragments).Draw(rt, "value")
		}), 0, 5).Draw(rt, "fields")

		fields = append(fields, rapid.SliceOfDistinct(rapid.SampledFrom(required), rapid.ID).Draw(rt, "required")...)
		message := "{" + strings.Join(rapid.Permutation(fields).Draw(rt, "order"), ",") + "}"

		if rapid.IntRange(0, 9).Draw(rt, "cut") == 0 {
			message = message[:rapid.IntRange(0, len(message)).Draw(rt, "at")]
		}

		checkDecode(t, d, []byte(message))
	})
}

func TestDecodeFields(t *testing.T) {
	var ev event.Event

	if err := NewDecoder(0).Decode([]byte(benchmarkOrder), &ev); err != nil {
		t.Fatal(err)
	}

	want := event.Event{
		ID:         []byte("01J8ZC3V5R8QK7M2T5"),
		Time:       1777898096789,
		Customer:   []byte(`Zoë "Z" Ängström`),
		Type:       []byte("order.completed"),
		Channel:    []byte("store"),
		Product:    []byte("café crème 250 g"),
		Value:      amount.Of(1249_900_000),
		Currency:   []byte("EUR"),
		Score:      9,
		Sentiment:  -.25,
		Duration:   12.5,
		Progress:   .75,
		ReceivedAt: 1777898097000,
		Fields:     event.HasValue | event.HasScore | event.HasSentiment | event.HasDuration | event.HasProgress | event.HasReceivedAt,
		Properties: []byte(`{"items":[{"sku":"a1","n":1},{"sku":"b2","n":2}],"coupon":null}`),
		Extra:      []event.Member{{Name: []byte("till"), Value: []byte("7")}},
	}

	if name := differs(&ev, &want); name != "" {
		t.Errorf("%s differs:\n got %+v\nwant %+v", name, ev, want)
	}

	if !ev.Has(event.HasValue|event.HasScore) || ev.Has(event.HasValue) != true {
		t.Errorf("fields %b", ev.Fields)
	}
}

// A decoder must keep nothing of the last event, and its views must not reach
// into each other.
func TestDecodeAgain(t *testing.T) {
	d := NewDecoder(0)

	var ev event.Event

	full := `{"id":"e1","time":"2026-05-04T12:34:56Z","anonymous_id":"a\u0031","type":"t","channel":"web","value":1,` +
		`"currency":"EUR","machine":true,"score":1,"x":[1],"properties":{"a":1}}`

	if err := d.Decode([]byte(full), &ev); err != nil {
		t.Fatal(err)
	}

	if string(ev.Customer) != "anonymous:a1" || string(ev.AnonymousID) != "a1" {
		t.Errorf("customer %q, anonymous id %q", ev.Customer, ev.AnonymousID)
	}

	_ = append(ev.AnonymousID, "overwritten"...)

	if string(ev.Customer) != "anonymous:a1" {
		t.Errorf("customer became %q", ev.Customer)
	}

	least := []byte(`{"id":"e2","time":"1970-01-01T00:00:00Z","customer":"c","type":"t"}`)

	if err := d.Decode(least, &ev); err != nil {
		t.Fatal(err)
	}

	if name := differs(&ev, &event.Event{ID: []byte("e2"), Customer: []byte("c"), Type: []byte("t")}); name != "" {
		t.Errorf("%s is left over: %+v", name, ev)
	}

	if err := d.Decode([]byte(`{"id":"e3"`), &ev); !errors.Is(err, event.ErrMalformed) {
		t.Errorf("error %v", err)
	}

	if err := d.Decode(least, &ev); err != nil {
		t.Errorf("after a refusal: %v", err)
	}
}

func TestDecodeLimit(t *testing.T) {
	text := []byte(benchmarkEvent)

	var ev event.Event

	if err := NewDecoder(len(text)).Decode(text, &ev); err != nil {
		t.Error(err)
	}

	err := NewDecoder(len(text)-1).Decode(text, &ev)
	if !errors.Is(err, event.ErrOversize) {
		t.Errorf("error %v", err)
	}
}

// Names of large objects go through a set.
func TestDecodeManyNames(t *testing.T) {
	d := NewDecoder(1 << 20)

	for _, n := range []int{1, 7, 8, 9, 10, 31, 32, 33, 500, 5000} {
		for _, twice := range []int{-1, 0, n / 2, n - 1} {
			inner := manyNames(n, twice)
			message := `{"id":"e","time":"2026-05-04T12:34:56Z","customer":"c","type":"t",` +
				`"properties":{"a":` + inner + `,"b":` + manyNames(n, -1) + `},` + manyNames(n, -1)[1:]

			checkManyNames(t, d, message, twice < 0)

			message = `{"id":"e","time":"2026-05-04T12:34:56Z","customer":"c","type":"t",` + inner[1:]
			checkManyNames(t, d, message, twice < 0)
		}
	}
}

func checkManyNames(t *testing.T, d *Decoder, message string, valid bool) {
	t.Helper()

	var ev event.Event

	if err := d.Decode([]byte(message), &ev); valid != (err == nil) || !valid && !errors.Is(err, event.ErrMalformed) {
		t.Errorf("%.300s: error %v, want valid %v", message, err, valid)
	}
}

// manyNames is an object of n names, some escaped, and one twice where twice
// is not negative.
func manyNames(n, twice int) string {
	var b strings.Builder

	for i := range n {
		name := fmt.Sprintf(`"n%d"`, i)
		if i%7 == 3 {
			name = fmt.Sprintf(`"\u006e%d"`, i)
		}

		fmt.Fprintf(&b, `,%s:%d`, name, i)
	}

	if twice >= 0 {
		fmt.Fprintf(&b, `,"n%d":0`, twice)
	}

	return "{" + b.String()[1:] + "}"
}

func TestDecodeAllocatesNothing(t *testing.T) {
	wide := []byte(`{"id":"e","time":"2026-05-04T12:34:56Z","customer":"c","type":"t",` + manyNames(500, -1)[1:])

	for _, text := range [][]byte{[]byte(benchmarkEvent), []byte(benchmarkOrder), wide} {
		d, ev := NewDecoder(0), event.Event{}
		check := func() {
			if err := d.Decode(text, &ev); err != nil {
				t.Fatal(err)
			}
		}

		check() // the buffers grow

		if n := testing.AllocsPerRun(100, check); n != 0 {
			t.Errorf("%.100s: %v allocations", text, n)
		}
	}
}

func TestFieldNames(t *testing.T) {
	for f := event.FieldUnknown + 1; f < event.FieldCount; f++ {
		if fieldOf([]byte(f.String())) != f {
			t.Errorf("field %d is named %q", f, f.String())
		}
	}
}
