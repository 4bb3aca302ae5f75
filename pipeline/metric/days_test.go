package metric_test

import (
	"testing"

	"pgregory.net/rapid"

	"ebb/pipeline/calendar"
	"ebb/pipeline/metric"
)

// Days are what a set of days says, in whatever order they come, as far back as they
// reach.
func TestDaysAreASetOfDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d metric.Days
		set := map[calendar.Day]bool{}
		first, last := calendar.Day(1<<30), calendar.Day(-1)
		for _, n := range rapid.SliceOf(rapid.IntRange(-1, 400)).Draw(t, "days") {
			day := calendar.Day(n)
			d.Add(day)
			set[day], first, last = true, min(first, day), max(last, day)
		}
		if d.Any() != (len(set) > 0) || d.Any() && d.First() != first {
			t.Fatalf("%+v of %v", d, set)
		}
		body := make([]byte, metric.DaysBytes)
		if d.Put(body); metric.DaysOf(body) != d {
			t.Fatalf("%+v is read as %+v", d, metric.DaysOf(body))
		}
		day := calendar.Day(rapid.IntRange(-1, 410).Draw(t, "day"))
		n := rapid.IntRange(0, 60).Draw(t, "n")
		if d.By(day) != (len(set) > 0 && first <= day) {
			t.Fatalf("%v by %d: %v", set, day, d.By(day))
		}
		if last-(day-calendar.Day(n)) > metric.Recalled {
			return // it is not promised
		}
		want := 0
		for at := day; at > day-calendar.Day(n); at-- {
			if set[at] {
				want++
			}
		}
		if got := d.Within(day, n); got != (want > 0) || d.Count(day, n) != want {
			t.Fatalf("%v within %d days up to %d: %v, %d", set, n, day, got, d.Count(day, n))
		}
		since := 0
		for since < metric.Recalled && !set[day-calendar.Day(since)] {
			since++
		}
		if got := d.Since(day); last-day <= 33 && got != since && (got < 90 || since < 90) {
			t.Fatalf("%v since %d: %d days, want %d", set, day, got, since)
		}
	})
}
