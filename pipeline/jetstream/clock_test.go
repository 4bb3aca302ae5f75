package jetstream

import (
	"strconv"
	"testing"

	"ebb/pipeline/event"
)

func TestParseClock(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1700000000000": 1_700_000_000_000, "-5": -5, strconv.FormatInt(event.MaxTime, 10): event.MaxTime,
	} {
		if got, ok := parseClock(text); !ok || got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{
		"", "-", "--1", "1.5", "1e3", " 1", strconv.FormatInt(event.MaxTime+1, 10),
		"4611686018427387904", "9223372036854775807", "18446744073709551616", "-9223372036854775808",
	} {
		if got, ok := parseClock(text); ok {
			t.Errorf("%q was read as %d", text, got)
		}
	}
}
