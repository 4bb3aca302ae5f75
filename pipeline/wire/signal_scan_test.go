package wire_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"ebb/pipeline/wire"
)

// usualSignal is one as shards publish it, with whatever may be left out or not.
func usualSignal() *rapid.Generator[wire.Signal] {
	return rapid.Custom(func(t *rapid.T) wire.Signal {
		s := rapid.Make[wire.Signal]().Draw(t, "signal")
		for _, text := range []*string{&s.ID, &s.Signal, &s.Customer, &s.Level, &s.Previous, &s.Time, &s.LastTime, &s.Headline, &s.Rule, &s.Currency, &s.IfBack, &s.Joined} {
			*text = rapid.SampledFrom([]string{"", "c-1", "Não vem há 12 dias.", "They'll be back."}).Draw(t, "text")
		}
		for _, figure := range []*float64{&s.Risk, &s.RiskUsual, &s.Value, &s.ValueAtRisk, &s.RiskIfBack} {
			*figure = float64(rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "figure")) / 10_000
		}
		for _, n := range []*int64{&s.At, &s.HorizonMS, &s.LastEvent, &s.SilentMS, &s.UsualMS, &s.Era} {
			*n = rapid.Int64Range(-1e15, 1e15).Draw(t, "number")
		}
		s.Schema, s.Partition, s.Row = wire.Schema, rapid.IntRange(0, 4095).Draw(t, "partition"), rapid.IntRange(0, 4095).Draw(t, "row")
		s.Version, s.Sequence = rapid.Uint64Range(0, 1e15).Draw(t, "version"), rapid.Uint64Range(0, 1e15).Draw(t, "sequence")
		s.Reasons = []wire.Reason{}
		for range rapid.IntRange(0, 3).Draw(t, "reasons") {
			reason := wire.Reason{Code: "rhythm", LogOdds: float64(rapid.IntRange(-500, 500).Draw(t, "odds")) / 100, Text: "Silent for 12 days."}
			if rapid.Bool().Draw(t, "numbers") {
				reason.Numbers = map[string]int64{"silent_ms": rapid.Int64Range(0, 1e12).Draw(t, "silent"), "rating": -5}
			}
			s.Reasons = append(s.Reasons, reason)
		}

		return s
	})
}

// What shards publish is read by the scanner, and is what any reader of JSON makes of it.
func TestUsualSignalsAreScanned(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := usualSignal().Draw(t, "signal")
		data, err := wire.AppendSignal(nil, &want)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := wire.ScanSignal(data)
		if !ok || !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n got %+v, %t\nwant %+v", data, got, ok, want)
		}
	})
}

// Whatever the scanner takes, a reader of JSON takes for the same.
func FuzzScanSignal(f *testing.F) {
	s := signalOf("c-1")
	s.Reasons = []wire.Reason{{Code: "rhythm", LogOdds: -1.25, Text: "é", Numbers: map[string]int64{"every_ms": 5, "rating": -7}}, {}}
	s.Rule, s.RiskUsual, s.Currency, s.RiskIfBack, s.IfBack, s.Holdout, s.Returned, s.Row = "unusual", .5, "EUR", .25, "So.", true, true, 3
	usual, err := json.Marshal(&s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(usual)
	for old, changed := range map[string]string{
		`"every_ms"`: `"rating"`, `:-1.25`: `:-1.`, `:0.5`: `:00.5`, `"row":3`: `"row":03`, `:true`: `:false`, `"EUR"`: `"E\u0055R"`, `é`: "\xff", `,"row":3`: ``,
	} {
		f.Add([]byte(strings.ReplaceAll(string(usual), old, changed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, ok := wire.ScanSignal(data)
		if !ok {
			return
		}
		var want wire.Signal
		if err := jsonv2.Unmarshal(data, &want); err != nil {
			t.Fatalf("%s: scanned, but %v", data, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\n got %+v\nwant %+v", data, got, want)
		}
	})
}
