package scan

import (
	"encoding/binary"

	"ebb/pipeline/event"
)

// The faults of a time, each as its remedy.
const (
	faultTimeForm   = "send RFC 3339, such as 2026-05-04T12:34:56.789Z"
	faultTimeZone   = "end the time with Z or an offset such as +02:00"
	faultTimeDate   = "send a day that the calendar has"
	faultTimeClock  = "send hours to 23, minutes and seconds to 59; leap seconds have no place"
	faultTimeOffset = "send an offset from -23:59 to +23:59"
	faultTimeRange  = "send a time from 1970-01-01 to 2200-12-31 UTC"
)

// ParseTime reads a time of RFC 3339, such as 2026-05-04T12:34:56.789+02:00,
// as Unix milliseconds. T and Z are upper case. A fraction may have any number
// of digits; those beyond milliseconds are discarded. Leap seconds are
// refused: Unix time has none. The fault is empty, or says what to send.
func ParseTime(s []byte) (ms int64, fault string) {
	if !hasTimeForm(s) {
		return 0, faultTimeForm
	}

	at := (*[len(timeForm)]byte)(s) // whose bounds need no check
	year, month, day := 100*two(at[0], at[1])+two(at[2], at[3]), two(at[5], at[6]), two(at[8], at[9])
	hour, minute, second := two(at[11], at[12]), two(at[14], at[15]), two(at[17], at[18])

	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, faultTimeDate
	}

	if hour > 23 || minute > 59 || second > 59 {
		return 0, faultTimeClock
	}

	seconds := 86400*daysSinceEpoch(year, month, day) + 3600*hour + 60*minute + second

	if end := s[len(timeForm):]; hasUsualEnd(end) {
		ms = 1000*seconds + 10*two(end[1], end[2]) + int64(end[3]-'0')
	} else {
		fraction, zone, fault := parseFraction(end)
		if fault != "" {
			return 0, fault
		}

		offset, fault := parseOffset(zone)
		if fault != "" {
			return 0, fault
		}

		ms = 1000*(seconds-60*offset) + fraction
	}

	if ms < event.MinTime || ms > event.MaxTime {
		return 0, faultTimeRange
	}

	return ms, ""
}

// timeForm is what a time begins with, where 0 stands for any digit.
const timeForm = "0000-00-00T00:00:00"

// hasTimeForm compares s with timeForm, eight bytes at a time.
func hasTimeForm(s []byte) bool {
	if len(s) < len(timeForm) {
		return false
	}

	return likeForm(s[0:], 0x2d30302d30303030, 0x7f76767f76767676) && // 0000-00-
		likeForm(s[8:], 0x30303a3030543030, 0x76767f76767f7676) && // 00T00:00
		likeForm(s[11:], 0x30303a30303a3030, 0x76767f76767f7676) // 00:00:00
}

// likeForm reports whether the first eight bytes of s are like form. Exclusive
// or leaves 0 to 9 of a digit and 0 of the right separator; adding limit brings
// what is more than that to 0x80 or beyond.
func likeForm(s []byte, form, limit uint64) bool {
	x := binary.LittleEndian.Uint64(s) ^ form

	return (x|(x+limit))&highBits == 0
}

// hasUsualEnd reports whether s is milliseconds in UTC, such as .789Z.
func hasUsualEnd(s []byte) bool {
	return len(s) == 5 && s[0] == '.' && IsDigit(s[1]) && IsDigit(s[2]) && IsDigit(s[3]) && s[4] == 'Z'
}

// parseFraction reads the fraction of a second that s may begin with, in
// milliseconds.
func parseFraction(s []byte) (ms int64, rest []byte, fault string) {
	if len(s) == 0 || s[0] != '.' {
		return 0, s, ""
	}

	end := digits(s, 1)
	if end == 1 {
		return 0, nil, faultTimeForm
	}

	for i, unit := 1, int64(100); i < min(end, 4); i, unit = i+1, unit/10 {
		ms += unit * int64(s[i]-'0')
	}

	return ms, s[end:], ""
}

// parseOffset reads Z, +hh:mm or -hh:mm, in minutes.
func parseOffset(s []byte) (minutes int64, fault string) {
	if len(s) == 1 && s[0] == 'Z' {
		return 0, ""
	}

	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' ||
		!IsDigit(s[1]) || !IsDigit(s[2]) || !IsDigit(s[4]) || !IsDigit(s[5]) {
		return 0, faultTimeZone
	}

	hour, minute := two(s[1], s[2]), two(s[4], s[5])
	if hour > 23 || minute > 59 {
		return 0, faultTimeOffset
	}

	if s[0] == '-' {
		return -60*hour - minute, ""
	}

	return 60*hour + minute, ""
}

// two reads two digits.
func two(tens, ones byte) int64 {
	return 10*int64(tens) + int64(ones) - 11*'0'
}

func daysIn(year, month int64) int64 {
	switch {
	case month != 2:
		return 30 + (month+month/8)%2
	case year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	}

	return 28
}

// daysSinceEpoch counts the days from 1970-01-01 in the Gregorian calendar:
// days_from_civil of https://howardhinnant.github.io/date_algorithms.html for
// years from 1 on.
func daysSinceEpoch(year, month, day int64) int64 {
	if month <= 2 { // count years from March, so that the leap day comes last
		year--
		month += 12
	}

	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468
}
