package native

import (
	stdjson "encoding/json"
	"testing"
	"time"

	"github.com/bytedance/sonic"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ebb/pipeline/event"
	"ebb/pipeline/vocabulary"
)

// benchmarkEvent is a page view of 221 bytes.
const benchmarkEvent = `{"id":"01J8ZC3V5R8QK7M2T4","time":"2026-05-04T12:34:56.789Z","customer":"c-000123",` +
	`"type":"page.viewed","channel":"web","session":"s-8812","device":"mobile",` +
	`"properties":{"path":"/pricing","ref":"news","n":3}}`

// benchmarkOrder has numbers, escapes and text beyond ASCII.
const benchmarkOrder = `{"id":"01J8ZC3V5R8QK7M2T5","time":"2026-05-04T14:34:56.789+02:00","customer":"Zoë \"Z\" Ängström",` +
	`"type":"order.completed","channel":"store","product":"caf\u00e9 crème 250 g","value":1249.90,"currency":"EUR",` +
	`"score":9,"sentiment":-0.25,"duration":12.5,"progress":0.75,"received_at":"2026-05-04T12:34:57Z","till":7,` +
	`"properties":{"items":[{"sku":"a1","n":1},{"sku":"b2","n":2}],"coupon":null}}`

// rowEvent is the event as a struct for decoders of other packages.
type rowEvent[R any] struct {
	ID         string    `json:"id"`
	Time       time.Time `json:"time"`
	Customer   string    `json:"customer"`
	Type       string    `json:"type"`
	Channel    string    `json:"channel"`
	Session    string    `json:"session"`
	Device     string    `json:"device"`
	Product    string    `json:"product"`
	Value      float64   `json:"value"`
	Currency   string    `json:"currency"`
	Score      float64   `json:"score"`
	Sentiment  float64   `json:"sentiment"`
	Duration   float64   `json:"duration"`
	Progress   float64   `json:"progress"`
	Machine    bool      `json:"machine"`
	ReceivedAt time.Time `json:"received_at"`
	Properties R         `json:"properties"`
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, event string }{{"view", benchmarkEvent}, {"order", benchmarkOrder}} {
		data := []byte(c.event)

		run := func(name string, decode func() error) {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()

				for b.Loop() {
					if err := decode(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}

		d, ev := NewDecoder(0), event.Event{}

		run("ebb", func() error { return d.Decode(data, &ev) })
		run("go-json-experiment", func() error {
			var row rowEvent[jsontext.Value]

			return json.Unmarshal(data, &row)
		})
		run("sonic", func() error {
			var row rowEvent[stdjson.RawMessage]

			return sonic.ConfigDefault.Unmarshal(data, &row)
		})
		run("encoding-json", func() error {
			var row rowEvent[stdjson.RawMessage]

			return stdjson.Unmarshal(data, &row)
		})
	}
}

func BenchmarkClassify(b *testing.B) {
	v, d, ev := vocabulary.DefaultVocabulary(), NewDecoder(0), event.Event{}

	if err := d.Decode([]byte(benchmarkEvent), &ev); err != nil {
		b.Fatal(err)
	}

	b.ReportAllocs()

	for b.Loop() {
		if _, err := v.Classify(&ev); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPartitionOf(b *testing.B) {
	for _, customer := range []string{"c-000123", "zoë@example.com"} {
		b.Run(customer, func(b *testing.B) {
			id := []byte(customer)
			b.ReportAllocs()

			for b.Loop() {
				event.PartitionOf(id, 16)
			}
		})
	}
}

func BenchmarkAppendEvent(b *testing.B) {
	d, ev := NewDecoder(0), event.Event{}

	if err := d.Decode([]byte(benchmarkEvent), &ev); err != nil {
		b.Fatal(err)
	}

	var line []byte

	b.ReportAllocs()

	for b.Loop() {
		line = AppendEvent(line[:0], &ev)
	}
}
