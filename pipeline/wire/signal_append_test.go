package wire_test

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/wire"
)

// A signal is the same bytes as encoding/json makes of it, whatever stands in it.
func TestAppendSignalIsMarshal(t *testing.T) {
	texts := rapid.SampledFrom([]string{"", "a", "ação", "<b>&\"\\\u2028\n", "\x7f\xff", "🙂"})
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.Make[wire.Signal]().Draw(t, "signal")
		s.Customer, s.Headline = texts.Draw(t, "customer"), texts.Draw(t, "headline")
		s.Risk = float64(rapid.IntRange(0, 10_000).Draw(t, "risk")) / 10_000
		s.ValueAtRisk = rapid.SampledFrom([]float64{0, 1e-7, -1e-6, 12.34, 1e20, 1e21, -3e300, math.Copysign(0, -1)}).Draw(t, "value")
		want, wrong := json.Marshal(&s)
		got, err := wire.AppendSignal([]byte("x"), &s)
		if (err == nil) != (wrong == nil) || err == nil && string(got) != "x"+string(want) {
			t.Fatalf("\n got %s, %v\nwant %s, %v", got, err, want, wrong)
		}
	})
}

func TestAppendSignalRefusesWhatIsNoNumber(t *testing.T) {
	for _, s := range []wire.Signal{
		{Risk: math.NaN()}, {Value: math.Inf(1)}, {Reasons: []wire.Reason{{LogOdds: math.Inf(-1)}}},
	} {
		if _, err := wire.AppendSignal(nil, &s); err == nil {
			t.Errorf("%+v was written", s)
		}
	}
}

func BenchmarkAppendSignal(b *testing.B) {
	s := signalOf("c-1")
	s.Headline, s.IfBack = "They will probably not come back within 14 days.", "One visit would clear this."
	s.Reasons = []wire.Reason{
		{Code: "rhythm", LogOdds: 1.25, Text: "Usually comes every 3 days, and has been silent for 12.", Numbers: map[string]int64{"every_ms": 259_200_000, "silent_ms": 1_036_800_000}},
		{Code: "trend", LogOdds: .5, Text: "Comes less often than before.", Numbers: map[string]int64{"before": 5, "recent": 2, "slot_ms": 1, "visits_before": 7, "visits_recent": 2}},
	}
	for name, encode := range map[string]func() ([]byte, error){
		"append":  func() ([]byte, error) { return wire.AppendSignal(make([]byte, 0, 1<<10), &s) },
		"marshal": func() ([]byte, error) { return json.Marshal(&s) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := encode(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
