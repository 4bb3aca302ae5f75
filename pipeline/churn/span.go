package churn

// A length of time is said in the largest unit in which people would say it:
// 80 days are "about three months", and 7 are "a week".
const (
	unitSecond = iota
	unitMinute
	unitHour
	unitDay
	unitWeek
	unitMonth
	unitYear
	unitHourHalf // an hour and a half, which is said of one only
	unitDayHalf
	unitYearHalf
	spanUnits // how many there are
)

// spanUnit is a unit of time. Lengths from oneFrom on and below oneUntil are one
// of it; others below until are several, if no smaller unit takes them, but for
// two months.
type spanUnit struct {
	name              string
	ms                int64
	oneFrom, oneUntil int64
	until             int64
	most              int // of which there are words; more are none of the unit
}

const (
	second = int64(1000)
	week   = 7 * day
	month  = 30*day + 10*hour + 30*minute // a twelfth of a year
	year   = 365*day + 6*hour
)

var spans = [spanUnits]spanUnit{
	{"second", second, 0, 0, 90 * second, 90},
	{"minute", minute, 55 * second, 65 * second, 55 * minute, 55},
	{"hour", hour, 55 * minute, 75 * minute, 22 * hour, 22},
	{"day", day, 22 * hour, 30 * hour, 13 * day, 13},
	{"week", week, 156 * hour, 180 * hour, 88 * day, 13},
	{"month", month, 29 * day, 33 * day, 680 * day, 23},
	{"year", year, 320 * day, 380 * day, MaxTime, 231},
	{"hour_half", 90 * minute, 75 * minute, 105 * minute, 0, 1},
	{"day_half", 36 * hour, 30 * hour, 42 * hour, 0, 1},
	{"year_half", 18 * month, 500 * day, 600 * day, 0, 1},
}

// The ways in which a length is said.
const (
	fewSeconds = "few"
	approxNone = ""
	approxNear = "about"
	approxLess = "almost"
)

// span is a length as people say it: n of a unit, and how exact that is. n is 0
// for a few seconds.
type span struct {
	unit   int
	n      int64
	approx string
}

// spanOf says a length that is 0 or more.
func spanOf(ms int64) span {
	if ms < 10*second {
		return span{}
	}
	s := span{unit: unitOf(ms)}
	unit := &spans[s.unit]
	s.n = max(1, (ms+unit.ms/2)/unit.ms)
	switch {
	case ms >= unit.oneFrom && ms < unit.oneUntil:
		s.n = 1
	case s.unit == unitSecond:
		s.n = (s.n + 5) / 10 * 10
	case s.unit == unitMinute && s.n >= 20:
		s.n = (s.n + 2) / 5 * 5
	}
	off := ms - s.n*unit.ms
	switch {
	case 20*max(off, -off) <= s.n*unit.ms: // within a twentieth
	case off < 0 && s.n == 1 && s.unit >= unitWeek && s.unit <= unitYear:
		s.approx = approxLess
	default:
		s.approx = approxNear
	}

	return s
}

// unitOf is the unit of a length of ten seconds or more.
func unitOf(ms int64) int {
	for i := range spans {
		if ms >= spans[i].oneFrom && ms < spans[i].oneUntil {
			return i
		}
	}
	if ms >= 58*day && ms < 64*day { // two of them
		return unitMonth
	}
	for i := range spans {
		if ms < spans[i].until {
			return i
		}
	}

	return unitYear
}

// span puts a length into words: "about six weeks".
func (l *Language) span(ms int64) string {
	s := spanOf(ms)
	if s.n == 0 {
		return l.few
	}
	words := l.amount(s.unit, s.n)
	switch s.approx {
	case approxNear:
		return l.about + " " + words
	case approxLess:
		return l.almost + " " + words
	}

	return words
}

// every puts a pause into words: "every two weeks".
func (l *Language) every(ms int64) string {
	s := spanOf(ms)
	switch s.n {
	case 0:
		return l.everyFew
	case 1:
		return l.units[s.unit].every
	}

	return l.everyOf(l.amount(s.unit, s.n))
}

// amount is n of a unit.
func (l *Language) amount(unit int, n int64) string {
	u := &l.units[unit]
	if n == 1 {
		return u.one
	}

	return l.number(n, u.feminine) + " " + u.several
}

// exactly is a length that somebody has set: in days if it is whole days.
func (l *Language) exactly(ms int64) string {
	if unit, n := wholes(ms); n > 0 {
		return l.amount(unit, n)
	}

	return l.span(ms)
}

// wholes is a length in days, hours or minutes, if it is so many exactly.
func wholes(ms int64) (unit int, n int64) {
	for _, unit := range [...]int{unitDay, unitHour, unitMinute} {
		if ms%spans[unit].ms == 0 {
			return unit, ms / spans[unit].ms
		}
	}

	return 0, 0
}

// period is how often something comes in each horizon: "a month".
func (l *Language) period(horizon int64) string {
	for _, p := range [...]struct {
		name           string
		shortest, most int64
	}{
		{"hour", hour, hour},
		{"day", day, day},
		{"week", week, week},
		{"month", 28 * day, 31 * day},
		{"quarter", 88 * day, 93 * day},
		{"year", 364 * day, 366 * day},
	} {
		if horizon >= p.shortest && horizon <= p.most {
			return l.phrases["period."+p.name]
		}
	}

	unit, n := wholes(horizon)
	switch n {
	case 0:
		return l.every(horizon)
	case 1:
		return l.units[unit].every
	}

	return l.everyOf(l.amount(unit, n))
}
