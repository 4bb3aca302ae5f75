package replay

import "time"

// localZone turns local times into moments. Most lie far from the nearest
// change of clocks and are a subtraction.
type localZone struct {
	location *time.Location
	utc      bool

	from, to int64 // local seconds between which the offset holds, with a day to spare on both sides
	offset   int64 // seconds east of UTC
}

// zoneDay is more than clocks are ever moved, in seconds.
const zoneDay = 24 * 60 * 60

func newLocalZone(location *time.Location) localZone {
	return localZone{location: location, utc: location == time.UTC || location.String() == "UTC"}
}

// read returns the moment at which clocks in the zone show so many seconds
// since the beginning of 1970, and ms.
func (z *localZone) read(seconds, ms int64) reading {
	if seconds >= z.from && seconds < z.to {
		return reading{state: onceTime, ms: (seconds-z.offset)*1000 + ms}
	}
	z.around(seconds)
	if seconds >= z.from && seconds < z.to {
		return reading{state: onceTime, ms: (seconds-z.offset)*1000 + ms}
	}

	return z.nearChange(seconds, ms)
}

// around finds the time without a change in which the local time lies.
func (z *localZone) around(seconds int64) {
	t := time.Unix(seconds, 0).In(z.location)
	_, offset := t.Zone()
	start, end := t.ZoneBounds()
	z.offset, z.from, z.to = int64(offset), -1<<62, 1<<62
	if !start.IsZero() {
		z.from = start.Unix() + z.offset + 2*zoneDay
	}
	if !end.IsZero() {
		z.to = end.Unix() + z.offset - 2*zoneDay
	}
}

// nearChange tries the offsets before and after a change.
func (z *localZone) nearChange(seconds, ms int64) reading {
	var found reading
	for _, probe := range [...]int64{seconds - 2*zoneDay, seconds + 2*zoneDay} {
		offset := z.offsetAt(probe)
		at := seconds - offset
		if z.offsetAt(at) != offset {
			continue
		}
		moment := at*1000 + ms
		switch {
		case found.state == noTime:
			found = reading{state: onceTime, ms: moment, again: moment}
		case moment != found.ms:
			found.state = twiceTime
			found.ms, found.again = min(found.ms, moment), max(found.ms, moment)
		}
	}
	if found.state == noTime {
		return reading{state: skippedTime, ms: (seconds-z.offsetAt(seconds-2*zoneDay))*1000 + ms}
	}

	return found
}

func (z *localZone) offsetAt(unix int64) int64 {
	_, offset := time.Unix(unix, 0).In(z.location).Zone()

	return int64(offset)
}
