package main

import (
	"context"
	"errors"
	"runtime"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"ebb/pipeline/event"
	"ebb/pipeline/format/native"
	"ebb/pipeline/simulate"
)

type decoderFigures struct {
	Decode         float64 `json:"decode_events_per_second"`
	DecodeAllocs   float64 `json:"decode_allocs_per_event"`
	DecodeBytes    float64 `json:"decode_bytes_per_event"` // of an event, not of memory
	EncodingJSON   float64 `json:"decode_encoding_json_events_per_second"`
	Experiment     float64 `json:"decode_go_json_experiment_events_per_second"`
	Sonic          float64 `json:"decode_sonic_events_per_second"`
	OverEncoding   float64 `json:"decode_ratio_encoding_json"`
	OverExperiment float64 `json:"decode_ratio_go_json_experiment"`
	OverSonic      float64 `json:"decode_ratio_sonic"`
}

// fields is an event as other decoders take it, with its properties left raw.
type fields[R any] struct {
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

// decodeTurn is how long a decoder runs before the next takes its turn.
const (
	decodeTurn  = 300 * time.Millisecond
	decodeTurns = 5
)

// measureDecoder lets the decoders take turns on the same events.
func (c *runCommand) measureDecoder(ctx context.Context, f *figures, say *progress) error {
	say.step("four decoders, %d turns each", decodeTurns)
	events, bytes := decoderEvents(c.Known)
	decoder, ev := native.NewDecoder(0), event.Event{}
	decoders := [4]func([]byte) error{
		func(data []byte) error { return decoder.Decode(data, &ev) },
		decodeEncodingJSON,
		func(data []byte) error {
			var row fields[jsontext.Value]

			return json.Unmarshal(data, &row)
		},
		decodeSonic,
	}
	var rates [len(decoders)][]float64
	for range decodeTurns {
		for i, decode := range decoders {
			rate, err := decodeRate(events, decode)
			if err != nil {
				return err
			}
			rates[i] = append(rates[i], rate)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	allocations, err := decodeAllocations(events, decoders[0])
	if err != nil {
		return err
	}
	d := decoderFigures{
		Decode:       median(rates[0]),
		DecodeAllocs: allocations,
		DecodeBytes:  bytes,
		EncodingJSON: median(rates[1]),
		Experiment:   median(rates[2]),
		Sonic:        median(rates[3]),
	}
	d.OverEncoding, d.OverExperiment, d.OverSonic = d.Decode/d.EncodingJSON, d.Decode/d.Experiment, d.Decode/d.Sonic
	f.decoderFigures = &d

	return measureSegment(ctx, f, say)
}

func decoderEvents(customers int) (events [][]byte, bytes float64) {
	traffic := simulate.NewTraffic(simulate.TrafficConfig{Seed: 1, Customers: customers, Rate: 100_000, Start: time.Now()})
	for range 1 << 12 {
		record := traffic.Record()
		events = append(events, record.Data)
		bytes += float64(len(record.Data))
	}

	return events, bytes / float64(len(events))
}

func decodeRate(events [][]byte, decode func([]byte) error) (float64, error) {
	n, start := 0, time.Now()
	for time.Since(start) < decodeTurn {
		for _, data := range events[:1<<10] {
			if err := decode(data); err != nil {
				return 0, err
			}
		}
		n += 1 << 10
	}

	return float64(n) / time.Since(start).Seconds(), nil
}

// decodeAllocations counts on the steady path: every event has been decoded
// once before.
func decodeAllocations(events [][]byte, decode func([]byte) error) (float64, error) {
	const rounds = 20
	var before, after runtime.MemStats
	for round := range rounds + 1 {
		if round == 1 {
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
		for _, data := range events {
			if err := decode(data); err != nil {
				return 0, err
			}
		}
	}
	runtime.ReadMemStats(&after)
	if after.Mallocs < before.Mallocs {
		return 0, errors.New("the runtime counted fewer allocations than before")
	}

	return float64((after.Mallocs-before.Mallocs)*100/(rounds*uint64(len(events)))) / 100, nil
}
