package calendar_test

import (
	"errors"
	"testing"
	"time"

	"ebb/pipeline/calendar"
)

func open(t *testing.T, zone string) *calendar.Calendar {
	t.Helper()
	c, err := calendar.New(zone)
	if err != nil {
		t.Fatal(err)
	}

	return &c
}

func at(t *testing.T, text string) int64 {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}

	return instant.UnixMilli()
}

func day(t *testing.T, text string) calendar.Day {
	t.Helper()

	return calendar.Day(at(t, text+"T00:00:00Z") / (24 * 60 * 60_000))
}

// Days end at midnight of the zone, however long they are: of 23 and 25 hours where
// clocks change, without a midnight, with two of them, and left out altogether.
func TestDaysEnd(t *testing.T) {
	for _, test := range []struct{ zone, day, end string }{
		{"", "2026-05-04", "2026-05-05T00:00:00Z"},
		{"UTC", "1969-12-31", "1970-01-01T00:00:00Z"},
		{"Europe/Berlin", "2026-03-28", "2026-03-28T23:00:00Z"},
		{"Europe/Berlin", "2026-03-29", "2026-03-29T22:00:00Z"}, // 23 hours
		{"Europe/Berlin", "2026-10-25", "2026-10-25T23:00:00Z"}, // 25 hours
		{"Asia/Kathmandu", "2026-05-04", "2026-05-04T18:15:00Z"},
		{"Pacific/Kiritimati", "2026-05-04", "2026-05-04T10:00:00Z"},
		{"America/Los_Angeles", "2026-05-04", "2026-05-05T07:00:00Z"},
		{"America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00:00Z"}, // the next day begins at 01:00
		{"America/Sao_Paulo", "2019-02-16", "2019-02-17T03:00:00Z"}, // 23:00 to 24:00 twice
		{"America/St_Johns", "2010-11-06", "2010-11-07T03:30:00Z"},  // at 00:01 back to the day before
		{"Pacific/Apia", "2011-12-29", "2011-12-30T10:00:00Z"},
		{"Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"}, // there was none
		{"Pacific/Apia", "2011-12-31", "2011-12-31T10:00:00Z"},
	} {
		c := open(t, test.zone)
		want := at(t, test.end)
		if got := c.End(day(t, test.day)); got != want {
			t.Errorf("%s: %s ends %v, want %s", test.zone, test.day, time.UnixMilli(got).UTC(), test.end)
		}
		if before, after := c.Day(want-1), c.Day(want); before > day(t, test.day) || after <= day(t, test.day) {
			t.Errorf("%s: around the end of %s the days are %v and %v", test.zone, test.day, before, after)
		}
	}
}

// A calendar gives the date that the standard library gives, in whatever order it is
// asked.
func TestDaysOfInstants(t *testing.T) {
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca", "Australia/Lord_Howe"} {
		c := open(t, zone)
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for step := range int64(20_000) {
			instant := (step*7919%20_000)*93_300_007 - 40_000_000_000 // up to 2028, from 1968
			want := time.UnixMilli(instant).In(location).Format(time.DateOnly)
			if got := c.Day(instant); got.String() != want {
				t.Fatalf("%s: %v is %v, want %s", zone, time.UnixMilli(instant).UTC(), got, want)
			}
		}
	}
}

func TestMondays(t *testing.T) {
	for date, want := range map[string]string{
		"2026-05-04": "2026-05-04", "2026-05-10": "2026-05-04", "2026-05-11": "2026-05-11",
		"1970-01-01": "1969-12-29", "1970-01-05": "1970-01-05", "1970-01-04": "1969-12-29",
	} {
		if got := day(t, date).Monday(); got.String() != want {
			t.Errorf("the week of %s begins %v, want %s", date, got, want)
		}
	}
}

func TestZonesThatThereAreNot(t *testing.T) {
	for _, zone := range []string{"Local", "Mars/Olympus", "../etc/passwd", "europe/berlin ", "+02:00"} {
		if _, err := calendar.New(zone); !errors.Is(err, calendar.ErrZone) {
			t.Errorf("%q: error is %v", zone, err)
		}
	}
}
