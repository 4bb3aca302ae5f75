package scan

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// TestScanLooksAtEveryByte puts each byte at each place, and compares both ways of scanning
// with one that reads bytes one by one.
func TestScanLooksAtEveryByte(t *testing.T) {
	for place := range 64 {
		for value := range 256 {
			b := [64]byte(bytes.Repeat([]byte{'a'}, 64))
			b[place] = byte(value)
			checkScan(t, &b)
		}
	}
}

func TestScanOfAnything(t *testing.T) {
	anything := rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte(`"a,:{} "`))), 64, 64)
	rapid.Check(t, func(t *rapid.T) {
		b := [64]byte(anything.Draw(t, "bytes"))
		checkScan(t, &b)
	})
}

func checkScan(t interface {
	Helper()
	Errorf(format string, args ...any)
}, b *[64]byte,
) {
	t.Helper()
	quotes, wrong := uint64(0), false
	for i, c := range b {
		if c == '"' {
			quotes |= 1 << i
		}
		wrong = wrong || c < 0x20 || c > 0x7e || c == '\\'
	}
	for name, scan := range map[string]func(*[64]byte) (uint64, uint64){"scan": scan, "scanWords": scanWords} {
		got, bad := scan(b)
		if (bad != 0) != wrong || !wrong && got != quotes {
			t.Errorf("%s of %q: quotes %x, wrong %x; want %x, %v", name, b, got, bad, quotes, wrong)
		}
	}
}
