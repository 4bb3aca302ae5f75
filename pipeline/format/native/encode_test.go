package native

import (
	"math"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"ebb/pipeline/amount"
	"ebb/pipeline/event"
)

// anyText draws text that may be empty and needs escapes.
var anyText = rapid.OneOf(rapid.StringN(0, -1, 60), rapid.SampledFrom([]string{"", "\"\\\x00\n\u007f\u2028", "😀é€", "web"}))

// anyID draws ids that a decoder takes.
var anyID = rapid.OneOf(
	rapid.StringMatching(`[A-Za-z0-9_:@+\-]{1,140}`),
	rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool { return !unicode.IsControl(r) }), 1, -1, event.MaxCustomerBytes),
)

// anyEvent draws events that a decoder can have made.
var anyEvent = rapid.Custom(func(t *rapid.T) event.Event {
	id := rapid.Map(anyID, func(s string) []byte { return []byte(s) })
	text := rapid.Map(anyText, func(s string) []byte { return []byte(s) })
	ev := event.Event{
		ID:       id.Draw(t, "id"),
		Type:     []byte(rapid.SampledFrom([]string{"page.viewed", "Order Completed", "é"}).Draw(t, "type")),
		Channel:  text.Draw(t, "channel"),
		Session:  text.Draw(t, "session"),
		Device:   text.Draw(t, "device"),
		Campaign: text.Draw(t, "campaign"),
		Message:  text.Draw(t, "message"),
		Product:  text.Draw(t, "product"),
		Currency: []byte(rapid.SampledFrom([]string{"", "EUR", "JPY"}).Draw(t, "currency")),
		Time:     rapid.Int64Range(event.MinTime, event.MaxTime).Draw(t, "time"),
		Machine:  rapid.Bool().Draw(t, "machine"),
		Fields:   event.Fields(rapid.IntRange(0, 63).Draw(t, "fields")),
	}

	customer := id.Filter(func(id []byte) bool { return !standsForNobody(&event.Event{Customer: id}) }).Draw(t, "customer")
	anonymous := rapid.Map(rapid.StringMatching(`[a-zé"\\]{1,40}`), func(s string) []byte { return []byte(s) }).Draw(t, "anonymous")

	switch rapid.IntRange(0, 2).Draw(t, "who") {
	case 0:
		ev.Customer = customer
	case 1:
		ev.Customer, ev.AnonymousID = customer, anonymous
	case 2:
		ev.Customer, ev.AnonymousID = append([]byte(event.AnonymousPrefix), anonymous...), anonymous
	}

	if ev.Has(event.HasValue) {
		ev.Value = amount.Amount{Lo: rapid.Uint64().Draw(t, "value low"), Hi: rapid.Int64Range(-0xd3c2, 0xd3c1).Draw(t, "value high") >> rapid.IntRange(0, 16).Draw(t, "bits")}
	}

	if ev.Has(event.HasScore) {
		ev.Score = rapid.Float64().Draw(t, "score")
	}

	if ev.Has(event.HasSentiment) {
		ev.Sentiment = rapid.Float64Range(-1, 1).Draw(t, "sentiment")
	}

	if ev.Has(event.HasDuration) {
		ev.Duration = rapid.Float64Min(0).Draw(t, "duration")
	}

	if ev.Has(event.HasProgress) {
		ev.Progress = rapid.Float64Range(0, 1).Draw(t, "progress")
	}

	if ev.Has(event.HasReceivedAt) {
		ev.ReceivedAt = rapid.Int64Range(event.MinTime, event.MaxTime).Draw(t, "received")
	}

	if rapid.Bool().Draw(t, "properties") {
		ev.Properties = []byte(`{ "path": "/pricing", "n": [1, {"id": null}] }`)
	}

	for i, name := range rapid.SliceOfNDistinct(rapid.Map(anyText, func(s string) string { return "x" + s }), 0, 12, rapid.ID).Draw(t, "extra") {
		ev.Extra = append(ev.Extra, event.Member{Name: []byte(name), Value: []byte([]string{"null", `"a\u0000"`, "[1]", "{}"}[i%4])})
	}

	return ev
})

func TestEncodeRoundTrip(t *testing.T) {
	d := NewDecoder(0)

	rapid.Check(t, func(t *rapid.T) {
		want := anyEvent.Draw(t, "event")
		line := AppendEvent([]byte("kept"), &want)

		if strings.Contains(string(line), "\n") || string(line[:4]) != "kept" {
			t.Fatalf("%q is not one line after what was there", line)
		}

		var got event.Event

		if err := d.Decode(line[4:], &got); err != nil {
			t.Fatalf("%q: %v", line, err)
		}

		if name := differs(&got, &want); name != "" {
			t.Fatalf("%q: %s differs:\n got %+v\nwant %+v", line, name, got, want)
		}
	})
}

func TestEncodeBenchmarkEvents(t *testing.T) {
	for _, c := range []struct{ event, want string }{
		{benchmarkEvent, benchmarkEvent},
		{benchmarkOrder, `{"id":"01J8ZC3V5R8QK7M2T5","time":"2026-05-04T12:34:56.789Z","customer":"Zoë \"Z\" Ängström",` +
			`"type":"order.completed","channel":"store","product":"café crème 250 g","value":1249.9,"currency":"EUR",` +
			`"score":9,"sentiment":-0.25,"duration":12.5,"progress":0.75,"received_at":"2026-05-04T12:34:57.000Z",` +
			`"properties":{"items":[{"sku":"a1","n":1},{"sku":"b2","n":2}],"coupon":null},"till":7}`},
	} {
		var ev event.Event

		if err := NewDecoder(0).Decode([]byte(c.event), &ev); err != nil {
			t.Fatal(err)
		}

		if got := string(AppendEvent(nil, &ev)); got != c.want {
			t.Errorf("wrote\n%s, want\n%s", got, c.want)
		}
	}
}

// What a decoder can't have made is written so that the next one refuses it.
func TestEncodeInvalid(t *testing.T) {
	valid := event.Event{ID: []byte("e"), Customer: []byte("c"), Type: []byte("t")}

	for name, change := range map[string]func(*event.Event){
		"no id":          func(ev *event.Event) { ev.ID = nil },
		"bad UTF-8":      func(ev *event.Event) { ev.Channel = []byte("\xff") },
		"not a number":   func(ev *event.Event) { ev.Fields, ev.Score = event.HasScore, math.NaN() },
		"before 1970":    func(ev *event.Event) { ev.Time = -1 },
		"after 2200":     func(ev *event.Event) { ev.Time = event.MaxTime + 1 },
		"too much":       func(ev *event.Event) { ev.Fields, ev.Value = event.HasValue, amount.Max().Add(amount.Of(1)) },
		"bad properties": func(ev *event.Event) { ev.Properties = []byte("{") },
	} {
		ev := valid
		change(&ev)

		var got event.Event

		if err := NewDecoder(0).Decode(AppendEvent(nil, &ev), &got); err == nil {
			t.Errorf("%s: accepted as %+v", name, got)
		}
	}
}
