package replay

import (
	"time"

	"ebb/pipeline/event"
)

// wireTime is how times are written into events: UTC, milliseconds.
const wireTime = "2006-01-02T15:04:05.000Z"

const secondsPerDay = 24 * 60 * 60

// appendTime appends the RFC 3339 string of ms, without quotes. Every row has
// one, so the times that events may have are written by hand.
func appendTime(dst []byte, ms int64) []byte {
	if ms < 0 || ms > event.MaxTime {
		return time.UnixMilli(ms).UTC().AppendFormat(dst, wireTime)
	}
	seconds, below := uint32(ms/1000%secondsPerDay), uint32(ms%1000)
	year, month, day := dateOf(uint32(ms / dayMS))
	hour, minute, second := seconds/3600, seconds/60%60, seconds%60

	return append(dst,
		digit(year/1000), digit(year/100), digit(year/10), digit(year), '-',
		digit(month/10), digit(month), '-', digit(day/10), digit(day), 'T',
		digit(hour/10), digit(hour), ':', digit(minute/10), digit(minute), ':', digit(second/10), digit(second), '.',
		digit(below/100), digit(below/10), digit(below), 'Z',
	)
}

func digit(n uint32) byte { return '0' + byte(n%10) }

// The days of the Gregorian calendar are counted from March on, so that the day
// that some years have more is their last; those of 400 years are the same
// (Hinnant 2013, "chrono-compatible low-level date algorithms").
const (
	daysOf400 = 146_097
	marchOf0  = 719_468 // days from the 1st of March of the year 0 to 1970
)

// dateOf is the date of a day since 1970.
func dateOf(days uint32) (year, month, day uint32) {
	days += marchOf0
	era, of := days/daysOf400, days%daysOf400
	year = (of - of/1460 + of/36_524 - of/146_096) / 365
	of -= 365*year + year/4 - year/100
	month = (5*of + 2) / 153
	day = of - (153*month+2)/5 + 1
	year += 400 * era
	if month += 3; month > 12 {
		return year + 1, month - 12, day
	}

	return year, month, day
}

// dayOf is the opposite of dateOf.
func dayOf(year, month, day uint32) int64 {
	if month <= 2 {
		year, month = year-1, month+12
	}
	era, of := year/400, year%400
	of = 365*of + of/4 - of/100 + (153*(month-3)+2)/5 + day - 1

	return int64(era)*daysOf400 + int64(of) - marchOf0
}

// readPlain reads 2006-01-02T15:04:05, with sep between date and time, as
// seconds since 1970. It returns false for all else, of which some are times,
// too.
func readPlain(text []byte, sep byte) (seconds int64, ok bool) {
	const form = "0000-00-00 00:00:00"
	if len(text) != len(form) {
		return 0, false
	}
	for i := range len(form) {
		want := form[i]
		if want == ' ' {
			want = sep
		}
		if c := text[i]; want == '0' && c-'0' > 9 || want != '0' && c != want {
			return 0, false
		}
	}
	two := func(at int) uint32 { return uint32(text[at]-'0')*10 + uint32(text[at+1]-'0') }
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if year < 1970 || month-1 > 11 || day-1 > 30 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}

	days := dayOf(year, month, day)
	if _, m, d := dateOf(uint32(days)); m != month || d != day { // there is no such day
		return 0, false
	}

	return days*secondsPerDay + int64(hour*3600+minute*60+second), true
}

// readWire reads a time as events have it, with or without the milliseconds.
// It returns false for all else, of which some are times, too.
func readWire(text []byte) (ms int64, ok bool) {
	n := len(text)
	if n == 0 || text[n-1] != 'Z' {
		return 0, false
	}
	below := int64(0)
	if n == len(wireTime) && text[19] == '.' {
		for _, c := range text[20:23] {
			if c-'0' > 9 {
				return 0, false
			}
			below = below*10 + int64(c-'0')
		}
		text = text[:20]
	}
	seconds, ok := readPlain(text[:len(text)-1], 'T')

	return seconds*1000 + below, ok
}
