package churn

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// seasonsOf are the years of each season in which one of the times is.
func seasonsOf(times []int64) (years [seasonsPerYear]int) {
	var seen []int64
	for _, t := range times {
		season := t / (year / 10)
		if !slices.Contains(seen, season) {
			seen = append(seen, season)
			years[season%10] = min(years[season%10]+1, 3)
		}
	}

	return years
}

// Whoever comes in the same few seasons of the year for three years is seasonal,
// and only they.
func TestSeasonsAgainstRawEvents(t *testing.T) {
	m := newModel(t, testConfig())
	seasonal, others := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var s State
		var times []int64
		begin := epoch + rapid.Int64Range(0, year).Draw(t, "begin")
		for y := range rapid.Int64Range(1, 6).Draw(t, "years") {
			for _, at := range rapid.SliceOfN(rapid.Int64Range(0, 60), 0, 3).Draw(t, "days") {
				times = append(times, begin+y*year+at*day)
			}
			if rapid.IntRange(0, 9).Draw(t, "astray") == 0 {
				times = append(times, begin+y*year+rapid.Int64Range(0, 364).Draw(t, "day")*day)
			}
		}
		slices.Sort(times)
		for _, at := range times {
			m.Observe(&s, Event{Time: at, Qualifying: true})
		}
		if !s.Known() {
			return
		}
		years := seasonsOf(times)
		ever, sure := 0, slices.Contains(years[:], 3)
		for _, n := range years {
			ever += min(n, 1)
		}
		over, ok := s.seasonOver()
		if want := sure && ever <= 3; ok != want {
			t.Fatalf("seasonal %v, want %v, with years %v", ok, want, years)
		}
		if !ok {
			others++

			return
		}
		seasonal++
		season := s.last/(year/10) + 1
		for years[season%10] < 3 {
			season++
		}
		if want := (season + 1) * (year / 10); over != want {
			t.Fatalf("the season is over at %d, want %d", over, want)
		}
		for at := s.last; at < over; at += day {
			if change, raised := m.Evaluate(&s, at); raised && change.Raised {
				t.Fatalf("%+v before the season is over, at %d", change, over)
			}
		}
		if next := m.NextCrossing(&s, s.last); s.level == Healthy && next < over {
			t.Fatalf("next crossing at %d, before %d", next, over)
		}
	})
	if seasonal < 10 || others < 10 {
		t.Errorf("%d seasonal customers and %d others: the test has become weak", seasonal, others)
	}
}

// A customer of every month, for years, is none of a season.
func TestMonthlyCustomersAreNotSeasonal(t *testing.T) {
	m := newModel(t, testConfig())
	var s State
	for i := range int64(60) {
		m.Observe(&s, Event{Time: epoch + i*month, Qualifying: true})
	}
	if _, ok := s.seasonOver(); ok || m.raisableAfter(&s) != s.last+m.patience {
		t.Error("a monthly customer is taken for a seasonal one")
	}
}
