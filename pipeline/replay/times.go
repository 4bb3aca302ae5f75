package replay

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a small image may have no time zones of its own

	"ebb/pipeline"
)

// wireTime is how times are written into events: UTC, milliseconds.
const wireTime = "2006-01-02T15:04:05.000Z"

// timeFormat is a Go layout, or a count of units since 1970.
type timeFormat struct {
	layout string
	digits int // of a unit below the second: 0 for s, 3 for ms, 6 for µs, 9 for ns
}

// timeFormatNames are the formats with a name; anything else is a Go layout.
func timeFormatNames() []string {
	return []string{"rfc3339", "unix", "unix_ms", "unix_us", "unix_ns"}
}

func parseTimeFormat(name string) (timeFormat, error) {
	switch name {
	case "rfc3339":
		return timeFormat{layout: time.RFC3339}, nil
	case "unix":
		return timeFormat{digits: 0}, nil
	case "unix_ms":
		return timeFormat{digits: 3}, nil
	case "unix_us":
		return timeFormat{digits: 6}, nil
	case "unix_ns":
		return timeFormat{digits: 9}, nil
	}
	// A layout that doesn't tell two dates apart is a misspelt name.
	probe := time.Date(2011, 10, 12, 13, 14, 15, 0, time.UTC)
	if back, err := time.Parse(name, probe.Format(name)); err != nil || back.Year() != 2011 || back.YearDay() != probe.YearDay() {
		return timeFormat{}, fmt.Errorf("%q is neither a named format nor a Go layout with a year, a month and a day such as 2006-01-02 15:04:05; %s",
			name, suggest(name, timeFormatNames()))
	}

	return timeFormat{layout: name}, nil
}

// timeParser reads times by the formats of a mapping, the first that fits.
type timeParser struct {
	formats []timeFormat
	zone    *time.Location
}

// parse returns Unix ms, of the years 1970 to 2200. Digits below the
// millisecond are cut off.
func (p *timeParser) parse(text []byte) (int64, bool) {
	text = bytes.TrimSpace(text)
	for _, format := range p.formats {
		ms, ok := format.parse(text, p.zone)
		if !ok {
			continue
		}
		if ms < pipeline.MinTime || ms > pipeline.MaxTime {
			return 0, false
		}

		return ms, true
	}

	return 0, false
}

func (p *timeParser) names() string {
	names := make([]string, len(p.formats))
	for i, format := range p.formats {
		names[i] = format.String()
	}

	return strings.Join(names, " or ")
}

// String is the name by which a mapping knows the format.
func (f timeFormat) String() string {
	switch {
	case f.layout == time.RFC3339:
		return "rfc3339"
	case f.layout != "":
		return f.layout
	}

	return timeFormatNames()[1+f.digits/3]
}

func (f timeFormat) parse(text []byte, zone *time.Location) (int64, bool) {
	if f.layout == "" {
		return parseUnix(text, f.digits)
	}
	t, err := time.ParseInLocation(f.layout, string(text), zone)
	if err != nil {
		return 0, false
	}

	return t.UnixMilli(), true
}

// parseUnix reads a decimal count of seconds, or of units of 10^-digits s.
func parseUnix(text []byte, digits int) (int64, bool) {
	whole, fraction, _ := strings.Cut(string(text), ".")
	count, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.Trim(fraction, "0123456789") != "" || count < 0 {
		return 0, false
	}
	for ; digits > 3; digits-- {
		count /= 10
	}
	if digits == 3 {
		return count, true
	}
	if count > pipeline.MaxTime {
		return pipeline.MaxTime + 1, true // out of range, and it would overflow
	}
	below, _ := strconv.ParseInt((fraction + "000")[:3], 10, 64) // digits only, as seen above

	return count*1000 + below, true
}

// appendTime appends the RFC 3339 string of ms, without quotes.
func appendTime(dst []byte, ms int64) []byte {
	return time.UnixMilli(ms).UTC().AppendFormat(dst, wireTime)
}
