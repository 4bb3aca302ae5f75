package silence

// Hours of a rhythm, and how many of the same hour a mean remembers: about
// four weeks of an hour of the week, about seven days of an hour of the day.
const (
	hoursOfWeek = 168
	hoursOfDay  = 24
	weeks       = 4
	days        = 7
)

// rhythm is how many events the hours of the week and of the day usually hold.
type rhythm struct {
	week [hoursOfWeek]usual
	day  [hoursOfDay]usual
}

// usual is the decayed mean of one hour's counts: the plain mean of the first,
// then with the weight of 1/memory for the newest.
type usual struct {
	mean float32
	seen uint8 // counts so far, up to the memory
}

func (u *usual) learn(count float64, memory uint8) {
	if u.seen < memory {
		u.seen++
	}
	u.mean += (float32(count) - u.mean) / float32(u.seen)
}

// learn takes the count of a whole hour, numbered since 1970.
func (r *rhythm) learn(hour int64, count float64) {
	r.week[hour%hoursOfWeek].learn(count, weeks)
	r.day[hour%hoursOfDay].learn(count, days)
}

// mean is the usual count of the hour, and whether its hour of the week was
// ever seen.
func (r *rhythm) mean(hour int64) (float64, bool) {
	u := &r.week[hour%hoursOfWeek]

	return float64(u.mean), u.seen > 0
}

// expected is how many events the hour should hold at least: the least of what
// is usual at this hour, the one before and the one after, of the week and of
// the day.
//
// The week knows of weekends, the day knows sooner that an input has shrunk,
// and an input that grows is ahead of both. The hours beside keep the change
// to daylight saving time, and people who come a little later, from being a
// silence. Nothing is expected of an hour of the week that was not seen: the
// first weekend must not look like a silence after five working days.
func (r *rhythm) expected(hour int64) float64 {
	least := r.week[hour%hoursOfWeek].mean
	for _, h := range [...]int64{hour + hoursOfWeek - 1, hour, hour + 1} {
		week, day := &r.week[h%hoursOfWeek], &r.day[h%hoursOfDay]
		if week.seen == 0 || day.seen == 0 {
			return 0
		}
		least = min(least, week.mean, day.mean)
	}

	return float64(least)
}
