package native

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

func checkTime(t interface {
	Helper()
	Fatalf(string, ...any)
}, s string) {
	t.Helper()

	want, wantOK := timeOracle(s)
	got, fault := scan.ParseTime([]byte(s))

	if (fault == "") != wantOK || wantOK && got != want {
		t.Fatalf("%q: %d %q, want %d %v", s, got, fault, want, wantOK)
	}
}

func FuzzTime(f *testing.F) {
	for _, c := range readBadInput(f) {
		if _, after, ok := strings.Cut(string(c.message), `"time":"`); ok {
			s, _, _ := strings.Cut(after, `"`)
			f.Add(s)
		}
	}

	f.Fuzz(func(t *testing.T, s string) { checkTime(t, s) })
}

func TestTimeOfEveryDay(t *testing.T) {
	first := time.Date(1969, 12, 30, 0, 0, 0, 0, time.UTC)

	for day := range 366 * 232 {
		checkTime(t, first.AddDate(0, 0, day).Format(time.RFC3339))
	}
}

func TestTimeForms(t *testing.T) {
	layouts := []string{
		time.RFC3339, time.RFC3339Nano, "2006-01-02T15:04:05.000Z07:00", "2006-01-02T15:04:05.0Z07:00",
		"2006-01-02T15:04:05.000000000000Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00",
		"2006-01-02T15:04:05,000Z07:00", "2006-01-02T15:04:05Z0700", "2006-1-2T15:4:5Z07:00", time.RFC1123Z,
	}

	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", 60*rapid.IntRange(-24*60, 24*60).Draw(t, "offset"))
		at := time.UnixMilli(rapid.Int64Range(event.MinTime-1e9, event.MaxTime+1e9).Draw(t, "ms")).
			Add(time.Duration(rapid.IntRange(0, 999_999).Draw(t, "ns"))).In(zone)
		s := at.Format(rapid.SampledFrom(layouts).Draw(t, "layout"))
		checkTime(t, s)

		if i := rapid.IntRange(0, 3*len(s)).Draw(t, "place"); i < len(s) { // one other character
			checkTime(t, s[:i]+rapid.SampledFrom([]string{"0", "9", "x", "", ":", "-", "+", "Z", ".", "é"}).Draw(t, "other")+s[i+1:])
		}
	})
}

func TestTimeBounds(t *testing.T) {
	if last := time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() - 1; event.MaxTime != last {
		t.Errorf("MaxTime is %d, want %d", event.MaxTime, last)
	}
}
