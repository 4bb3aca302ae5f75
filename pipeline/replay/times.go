package replay

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a small image may have no time zones of its own

	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

// timeFormat is a Go layout, or a count of units since 1970.
type timeFormat struct {
	layout  string
	pattern string // as the mapping wrote it, where it is no Go layout
	offset  bool   // the layout has an offset or a zone of its own
	digits  int    // of a unit below the second: 0 for s, 3 for ms, 6 for µs, 9 for ns
}

// timeFormatNames are the formats with a name; anything else is a Go layout.
func timeFormatNames() []string {
	return []string{"rfc3339", "unix", "unix_ms", "unix_us", "unix_ns"}
}

func parseTimeFormat(name string) (timeFormat, error) {
	switch name {
	case "rfc3339":
		return timeFormat{layout: time.RFC3339, offset: true}, nil
	case "unix":
		return timeFormat{digits: 0}, nil
	case "unix_ms":
		return timeFormat{digits: 3}, nil
	case "unix_us":
		return timeFormat{digits: 6}, nil
	case "unix_ns":
		return timeFormat{digits: 9}, nil
	}
	layout := name
	if of, ok := layoutOf(name); ok {
		layout = of
	}
	// A layout that doesn't tell two dates apart is a misspelt name.
	probe := time.Date(2011, 10, 12, 13, 14, 15, 0, time.UTC)
	if back, err := time.Parse(layout, probe.Format(layout)); err != nil || back.Year() != 2011 || back.YearDay() != probe.YearDay() {
		return timeFormat{}, fmt.Errorf("%q is neither a named format nor a pattern such as dd/MM/yyyy nor a Go layout with a year, a month and a day such as 2006-01-02 15:04:05; %s",
			name, suggest(name, timeFormatNames()))
	}

	offset := strings.Contains(layout, "Z07") || strings.Contains(layout, "-07") || strings.Contains(layout, "MST")
	pattern := ""
	if layout != name {
		pattern = name
	}

	return timeFormat{layout: layout, pattern: pattern, offset: offset}, nil
}

// timeParser reads times by the formats of a mapping. It belongs to one
// goroutine.
type timeParser struct {
	formats []timeFormat
	zone    localZone
}

// reading is what a text says as a time.
type reading struct {
	state readingState
	ms    int64 // Unix ms; of a local time that exists twice the first
	again int64 // the second
}

type readingState uint8

const (
	noTime      readingState = iota
	onceTime                 // one moment
	twiceTime                // a local time that exists twice, where clocks are put back
	skippedTime              // a local time that doesn't exist, where clocks are put forward
)

// settled is the first moment after the year 1970. Whoever counts in a wrong
// unit ends up before it: all seconds up to 2200, read as milliseconds, do.
const settled = 365 * 24 * 60 * 60 * 1000

// read returns a time of the years 1970 to 2200 by the first format that fits.
// A format that leads into 1970 does only where no other fits, since it is the
// mark of a wrong unit. Digits below the millisecond are cut off.
func (p *timeParser) read(text []byte) reading {
	text = bytes.TrimSpace(text)
	var early reading
	for i := range p.formats {
		r := p.formats[i].read(text, &p.zone)
		switch {
		case r.state == noTime || r.ms < event.MinTime || r.ms > event.MaxTime:
		case r.ms >= settled:
			return r
		case early.state == noTime:
			early = r
		}
	}

	return early
}

// parse is read for who doesn't care which of two moments it is.
func (p *timeParser) parse(text []byte) (int64, bool) {
	r := p.read(text)

	return r.ms, r.state == onceTime || r.state == twiceTime
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
	case f.pattern != "":
		return f.pattern
	case f.layout != "":
		return f.layout
	}

	return timeFormatNames()[1+f.digits/3]
}

func (f timeFormat) read(text []byte, zone *localZone) reading {
	if f.layout == "" {
		ms, ok := parseUnix(text, f.digits)
		if !ok {
			return reading{}
		}

		return reading{state: onceTime, ms: ms}
	}
	if r, ok := f.readByHand(text, zone); ok {
		return r
	}
	if f.layout == time.RFC3339 {
		if len(text) > 19 && bytes.ContainsAny(text[19:], "Zz+-GU") { // with an offset
			if ms, fault := scan.ParseISO(text); fault == "" {
				return reading{state: onceTime, ms: ms}
			}
		}
	}
	own := time.UTC // local times are read as if clocks showed UTC
	if f.offset {
		own = zone.location
	}
	t, err := time.ParseInLocation(f.layout, string(text), own)
	if err != nil {
		return reading{}
	}
	if f.offset || zone.utc {
		return reading{state: onceTime, ms: t.UnixMilli()}
	}

	return zone.read(t.Unix(), int64(t.Nanosecond()/1_000_000))
}

// readByHand reads the two forms that most files have, much quicker than the
// library, which reads what differs from them in any way.
func (f timeFormat) readByHand(text []byte, zone *localZone) (reading, bool) {
	switch f.layout {
	case time.RFC3339:
		ms, ok := readWire(text)

		return reading{state: onceTime, ms: ms}, ok
	case time.DateTime:
		seconds, ok := readPlain(text, ' ')
		if !ok || zone.utc {
			return reading{state: onceTime, ms: seconds * 1000}, ok
		}

		return zone.read(seconds, 0), true
	}

	return reading{}, false
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
	if count > event.MaxTime {
		return event.MaxTime + 1, true // out of range, and it would overflow
	}
	below, _ := strconv.ParseInt((fraction + "000")[:3], 10, 64) // digits only, as seen above

	return count*1000 + below, true
}
