package replay

import (
	"strconv"
	"testing"
	"time"

	"ebb/pipeline/event"

	"pgregory.net/rapid"
)

func TestTimesAreReadByTheirFormat(t *testing.T) {
	for _, test := range []struct {
		format, zone, text string
		want               string // "" for no time
	}{
		{"rfc3339", "UTC", "2004-10-19T21:56:03.123Z", "2004-10-19T21:56:03.123Z"},
		{"rfc3339", "UTC", " 2004-10-19T23:56:03+02:00 ", "2004-10-19T21:56:03.000Z"},
		{"rfc3339", "UTC", "2004-10-19T21:56:03.9999Z", "2004-10-19T21:56:03.999Z"},
		{"rfc3339", "UTC", "2004-02-30T21:56:03Z", ""},
		{"rfc3339", "UTC", "1969-12-31T23:59:59Z", ""},
		{"rfc3339", "UTC", "2201-01-01T00:00:00Z", ""},
		{"rfc3339", "UTC", "", ""},
		{"2006-01-02 15:04:05", "UTC", "2004-10-19 21:56:03", "2004-10-19T21:56:03.000Z"},
		{"2006-01-02 15:04:05", "Europe/Berlin", "2004-10-19 21:56:03", "2004-10-19T19:56:03.000Z"},
		{"02.01.06", "America/New_York", "01.12.10", "2010-12-01T05:00:00.000Z"},
		{"2006-01-02", "UTC", "2004-10-19T21:56:03Z", ""},
		{"unix", "UTC", "1098222963", "2004-10-19T21:56:03.000Z"},
		{"unix", "UTC", "1098222963.12", "2004-10-19T21:56:03.120Z"},
		{"unix", "UTC", "1098222963.1239", "2004-10-19T21:56:03.123Z"},
		{"unix", "UTC", "1098222963.1x", ""},
		{"unix", "UTC", "-1", ""},
		{"unix", "UTC", "9223372036854775807", ""},
		{"unix", "UTC", "99999999999999999999", ""},
		{"unix_ms", "UTC", "1098222963123", "2004-10-19T21:56:03.123Z"},
		{"unix_us", "UTC", "1098222963123999", "2004-10-19T21:56:03.123Z"},
		{"unix_ns", "UTC", "1098222963123999999", "2004-10-19T21:56:03.123Z"},
	} {
		p, err := Times{Formats: []string{test.format}, Zone: test.zone}.parser()
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if ms, ok := p.parse([]byte(test.text)); ok {
			got = string(appendTime(nil, ms))
		}
		if got != test.want {
			t.Errorf("%s %q in %s: %q, want %q", test.format, test.text, test.zone, got, test.want)
		}
		if p.names() != test.format {
			t.Errorf("the format %s calls itself %s", test.format, p.names())
		}
	}
}

func TestFirstFormatThatFitsReadsATime(t *testing.T) {
	p, err := Times{Formats: []string{"rfc3339", "2006-01-02", "unix_ms"}, Zone: "UTC"}.parser()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"2004-10-19T00:00:00Z", "2004-10-19", "1098144000000"} {
		if ms, ok := p.parse([]byte(text)); !ok || ms != 1098144000000 {
			t.Errorf("%q: %d, %v", text, ms, ok)
		}
	}
	if got := p.names(); got != "rfc3339 or 2006-01-02 or unix_ms" {
		t.Errorf("formats are called %q", got)
	}
}

// Every format reads what it wrote.
func TestTimesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(event.MinTime, event.MaxTime).Draw(t, "ms")
		at := time.UnixMilli(ms).UTC()
		for name, text := range map[string]string{
			"rfc3339":                 at.Format(time.RFC3339Nano),
			"2006-01-02 15:04:05.000": at.Format("2006-01-02 15:04:05.000"),
			"unix":                    strconv.FormatFloat(float64(ms)/1000, 'f', 3, 64),
			"unix_ms":                 strconv.FormatInt(ms, 10),
			"unix_us":                 strconv.FormatInt(at.UnixMicro(), 10),
			"unix_ns":                 strconv.FormatInt(at.UnixNano(), 10),
		} {
			p, err := Times{Formats: []string{name}, Zone: "UTC"}.parser()
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := p.parse([]byte(text)); !ok || got != ms {
				t.Fatalf("%s %q: %d, %v, want %d", name, text, got, ok, ms)
			}
		}
		if event, err := decode([]byte(`{"id":"1","customer":"c","type":"t","time":"` + string(appendTime(nil, ms)) + `"}`)); err != nil || event.Time != ms {
			t.Fatalf("a shard reads %s as %d (%v), want %d", appendTime(nil, ms), event.Time, err, ms)
		}
	})
}
