package calendar

import (
	"errors"
	"fmt"
	"math"
	"time"
	_ "time/tzdata" // where the machine has no zone data
)

// ErrZone says that a name is none of a time zone.
var ErrZone = errors.New("not a time zone")

// UTC is the zone of a calendar without a name.
const UTC = "UTC"

// Day is a day of a calendar: days since 1970-01-01.
type Day int32

const (
	dayMS  = 24 * 60 * 60_000
	widest = 16 * 60 * 60_000 // ms; no zone is farther from UTC
)

// Calendar is that of a time zone. It belongs to one goroutine: it remembers which
// offset holds around the instant that it was asked for last. The zero Calendar is
// none.
type Calendar struct {
	zone     *time.Location
	from, to int64 // Unix ms, to exclusive: so long the offset holds
	offset   int64 // ms east of UTC
}

// New is the calendar of a zone, by its IANA name; "" is UTC. The error wraps ErrZone.
func New(zone string) (Calendar, error) {
	if zone == "Local" { // of the machine: replays elsewhere would give other days
		return Calendar{}, fmt.Errorf("%q: %w; use a name of the IANA database, such as Europe/Berlin, or UTC", zone, ErrZone)
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		return Calendar{}, fmt.Errorf("%q: %w; use a name of the IANA database, such as Europe/Berlin, or UTC", zone, ErrZone)
	}

	return Calendar{zone: location}, nil
}

// Day is the day of an instant, Unix ms.
func (c *Calendar) Day(at int64) Day {
	c.look(at)
	local := at + c.offset
	day := local / dayMS
	if local < 0 && local%dayMS != 0 {
		day--
	}

	return Day(day)
}

// End is when a day ends, exclusive, Unix ms: from there on no instant is of the day,
// or of one before it. A day that a zone has left out ends where the one before does.
func (c *Calendar) End(day Day) (end int64) {
	midnight := (int64(day) + 1) * dayMS
	for at := midnight - widest; at < midnight+widest; at = c.to {
		c.look(at)
		if last := min(c.to, midnight-c.offset); last > at {
			end = last
		}
	}

	return end
}

// look finds the offset that holds at an instant.
func (c *Calendar) look(at int64) {
	if at >= c.from && at < c.to {
		return
	}
	local := time.UnixMilli(at).In(c.zone)
	_, seconds := local.Zone()
	c.offset, c.from, c.to = int64(seconds)*1000, math.MinInt64, math.MaxInt64
	from, to := local.ZoneBounds()
	if !from.IsZero() {
		c.from = from.UnixMilli()
	}
	if !to.IsZero() {
		c.to = to.UnixMilli()
	}
}

// String is the date, such as 2026-05-04.
func (d Day) String() string { return d.date().Format(time.DateOnly) }

func (d Day) date() time.Time { return time.Unix(int64(d)*dayMS/1000, 0).UTC() }

// Monday is the first day of the day's week.
func (d Day) Monday() Day {
	const monday = 4 // 1970-01-05
	since := (d - monday) % 7
	if since < 0 {
		since += 7
	}

	return d - since
}
