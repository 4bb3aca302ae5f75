package backtest

import (
	"slices"
	"time"
)

// Suggestion is a horizon that fits a log.
type Suggestion struct {
	Horizon time.Duration
	Pause   time.Duration // nine of ten pauses between visits are at most so long
	Pauses  int           // how many there are
}

// Bounds and shares of a suggestion.
const (
	visitPause   = int64(time.Hour / time.Millisecond) // events that are nearer belong to one visit
	typicalShare = 0.9
	horizonsHeld = 4 // the log has to hold so many horizons
)

// usualHorizons are the lengths that are suggested.
func usualHorizons() []time.Duration {
	return []time.Duration{day, 2 * day, 3 * day, 5 * day, 7 * day, 14 * day, 30 * day, 60 * day, 90 * day, 180 * day, 365 * day}
}

const day = 24 * time.Hour

// Suggest finds a horizon in the rhythm of a log: the first usual length that
// nine of ten pauses between visits don't exceed, because a silence that is
// usual says nothing; but no more than a quarter of the log, because a test
// needs several horizons. It is at least one day.
func Suggest(log *Log) Suggestion {
	var pauses []int64
	t := truthOf(log)
	for c := range log.Customers {
		times := t.of(uint32(c))
		for i := 1; i < len(times); i++ {
			if pause := times[i] - times[i-1]; pause > visitPause {
				pauses = append(pauses, pause)
			}
		}
	}
	slices.Sort(pauses)
	usual := usualHorizons()
	s := Suggestion{Horizon: usual[0], Pauses: len(pauses)}
	if len(pauses) > 0 {
		s.Pause = time.Duration(pauses[int(typicalShare*float64(len(pauses)-1))]) * time.Millisecond
	}
	longest := time.Duration((log.Last-log.First)/horizonsHeld) * time.Millisecond
	at, _ := slices.BinarySearch(usual, s.Pause)
	for _, horizon := range usual[:min(at+1, len(usual))] {
		if horizon <= longest {
			s.Horizon = horizon
		}
	}

	return s
}
