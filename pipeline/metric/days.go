package metric

import (
	"encoding/binary"
	"math/bits"

	"ebb/pipeline/calendar"
	"ebb/pipeline/vocabulary"
)

// Days are the days on which a customer did something: the first, and of the last
// ones each. It is 24 bytes, of fixed width, so that a table can hold it. The zero
// Days are none.
type Days struct {
	first, last calendar.Day // plus ahead, so that 0 is none
	bits        [2]uint64    // bit k: the day k before the last
}

// DaysBytes is what Days take in a table.
const DaysBytes = 24

// Recalled is how many days back of the last one each is known. Censuses look back 56
// days from theirs, behind which the last one can lie by the lateness, of at most 31
// days, and the skew.
const Recalled = 128

// ahead makes every day that an event can have positive: west of UTC 1970 begins on the
// last day of 1969.
const ahead = 2

// Add adds a day, in any order. A day of longer ago than Recalled moves the first at
// most.
func (d *Days) Add(day calendar.Day) {
	day += ahead
	if d.last == 0 {
		*d = Days{day, day, [2]uint64{1}}

		return
	}
	d.first = min(d.first, day)
	if day > d.last {
		d.shift(int(day - d.last))
		d.last = day
	}
	if back := int(d.last - day); back < Recalled {
		d.bits[back/64] |= 1 << (back % 64)
	}
}

// Merge adds the days of others, as if each had been added.
func (d *Days) Merge(others Days) {
	switch {
	case !others.Any():
		return
	case !d.Any():
		*d = others

		return
	}
	newest := max(d.last, others.last)
	d.shift(int(newest) - int(d.last))
	others.shift(int(newest) - int(others.last))
	*d = Days{min(d.first, others.first), newest, [2]uint64{d.bits[0] | others.bits[0], d.bits[1] | others.bits[1]}}
}

// can says whether they are some that Add can make.
func (d *Days) can() bool {
	return d.first > 0 && d.first <= d.last && d.last <= newestDay && d.bits[0]&1 == 1
}

// newestDay bounds what is believed of days that come from elsewhere: the year 9999.
const newestDay = 2_932_896 + ahead

func (d *Days) shift(by int) {
	low, high := d.bits[0], d.bits[1]
	switch {
	case by < 64:
		d.bits = [2]uint64{low << by, high<<by | low>>(64-by)}
	default:
		d.bits = [2]uint64{0, low << (by - 64)} // a shift by 64 or more gives 0
	}
}

// Any says whether there is a day at all.
func (d *Days) Any() bool { return d.last != 0 }

// First is the first day; it means nothing where there is none.
func (d *Days) First() calendar.Day { return d.first - ahead }

// By says whether the first day is a day or before it.
func (d *Days) By(day calendar.Day) bool { return d.last != 0 && d.first <= day+ahead }

// Within says whether one of the last n days up to a day, itself included, is one of
// them. The oldest of these is less than Recalled before the last.
func (d *Days) Within(day calendar.Day, n int) bool {
	if d.last == 0 {
		return false
	}
	from := int(d.last - (day + ahead)) // how far back the day lies; below 0 where it is after the last
	return d.between(max(from, 0), from+n)
}

// Since is how many days before a day the latest of them lies that is not behind it;
// Recalled where that is not known.
func (d *Days) Since(day calendar.Day) int {
	from := max(int(d.last-(day+ahead)), 0)
	after := max(int(day+ahead-d.last), 0)
	for back := from; back < Recalled; back++ {
		if d.bits[back/64]>>(back%64)&1 == 1 {
			return min(back-from+after, Recalled)
		}
	}

	return Recalled
}

// Count is how many of the last n days up to a day are some of them.
func (d *Days) Count(day calendar.Day, n int) int {
	from := int(d.last - (day + ahead))
	low, high := d.in(max(from, 0), from+n)

	return bits.OnesCount64(low) + bits.OnesCount64(high)
}

// between says whether a day from so many back on, to so many exclusive, is one.
func (d *Days) between(from, to int) bool {
	low, high := d.in(from, to)

	return low|high != 0
}

// in are the days from so many back on, to so many exclusive.
func (d *Days) in(from, to int) (low, high uint64) {
	to = min(to, Recalled)
	if from >= to {
		return 0, 0
	}
	mask := func(bit int) (low, high uint64) { // those before a bit
		if bit < 64 {
			return 1<<bit - 1, 0
		}

		return ^uint64(0), 1<<(bit-64) - 1
	}
	lowTo, highTo := mask(to)
	lowFrom, highFrom := mask(from)

	return d.bits[0] & lowTo &^ lowFrom, d.bits[1] & highTo &^ highFrom
}

// Put writes them in DaysBytes, the last day first.
func (d *Days) Put(dst []byte) {
	binary.LittleEndian.PutUint32(dst, uint32(d.last))
	binary.LittleEndian.PutUint32(dst[4:], uint32(d.first))
	binary.LittleEndian.PutUint64(dst[8:], d.bits[0])
	binary.LittleEndian.PutUint64(dst[16:], d.bits[1])
}

// DaysOf reads what Put wrote; nil is none.
func DaysOf(src []byte) Days {
	if src == nil {
		return Days{}
	}

	return Days{
		last: calendar.Day(binary.LittleEndian.Uint32(src)), first: calendar.Day(binary.LittleEndian.Uint32(src[4:])),
		bits: [2]uint64{binary.LittleEndian.Uint64(src[8:]), binary.LittleEndian.Uint64(src[16:])},
	}
}

// seenColumn is when a customer did anything.
func seenColumn() *StateColumn {
	return &StateColumn{
		Name: "days_seen",
		Definition: "The days of any event of the customer: the first, and of the last 128 each, in the time zone of calendar.zone. " +
			"Of who signs in: the days of both ids.",
		Bytes:   DaysBytes,
		at:      atSeen,
		Takes:   People,
		Observe: func(e *Event, state []byte) { addDay(state, e.Day) },
		Merge:   mergeDays,
	}
}

// engagedColumn is when a customer engaged.
func engagedColumn() *StateColumn {
	return &StateColumn{
		Name: "days_engaged",
		Definition: "The days of the customer's qualifying events: the first, and of the last 128 each, in the time zone of calendar.zone. " +
			"Of who signs in: the days of both ids.",
		Bytes:   DaysBytes,
		at:      atEngaged,
		Takes:   func(class *vocabulary.Class, name string) bool { return People(class, name) && class.Qualifying },
		Observe: func(e *Event, state []byte) { addDay(state, e.Day) },
		Merge:   mergeDays,
	}
}

// addDay adds a day to days in a table. Most events are of the last one: then nothing
// but that is looked at.
func addDay(state []byte, day calendar.Day) {
	if calendar.Day(binary.LittleEndian.Uint32(state)) == day+ahead {
		return
	}
	days := DaysOf(state)
	days.Add(day)
	days.Put(state)
}

// mergeDays makes days in a table those of both, in whatever order they came.
func mergeDays(into, from []byte) {
	days, others := DaysOf(into), DaysOf(from)
	if !others.can() {
		return
	}
	days.Merge(others)
	days.Put(into)
}

// Seen are the days on which the customer did anything.
func (w Who) Seen() Days { return w.days(atSeen) }

// Engaged are the days on which the customer engaged.
func (w Who) Engaged() Days { return w.days(atEngaged) }

func (w Who) days(at int) Days {
	if w == nil {
		return Days{}
	}

	return DaysOf(w[at : at+DaysBytes])
}
