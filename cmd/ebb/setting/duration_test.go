package setting

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDurationReadsUnitsAndDays(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0s": 0, "500ms": 500 * time.Millisecond, "10m": 10 * time.Minute, "1h30m": 90 * time.Minute,
		"28d": 28 * Day, "1d12h": 36 * time.Hour, "0d": 0, "-5m": -5 * time.Minute,
	} {
		var got Duration
		if err := got.UnmarshalText([]byte(text)); err != nil || time.Duration(got) != want {
			t.Errorf("%q = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "10", "d", "1.5d", "-1d", "1d-1h", "99999999999d", "5 m", "1d1d", "ten minutes"} {
		var got Duration
		if err := got.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q = %v, want an error", text, got)
		}
	}
}

func TestDurationReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Duration(rapid.Int64Range(0, int64(400*Day)).Draw(t, "duration"))
		var got Duration
		if err := got.UnmarshalText([]byte(want.String())); err != nil || got != want {
			t.Fatalf("%d reads back from %q as %d, %v", want, want, got, err)
		}
	})
}
