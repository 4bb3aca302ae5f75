package backtest

import (
	"errors"
	"fmt"
	"time"
)

// How many evaluation times there are.
const (
	fewestTimes = 8
	mostTimes   = 12
)

// ErrTooShort says that a log holds too few horizons to test on.
var ErrTooShort = errors.New("the log is too short for this horizon")

// Schedule spaces the evaluation times over a log from first to last (Unix
// ms). The first two horizons are left out: only after the first one are there
// outcomes to learn from, and in the second a young log still consists of
// newcomers. A log of less than five horizons can spare only the first. The
// last horizon is left out too, because what comes after it is not known. The
// times in between, both ends included, are half a horizon apart, but at least
// 8 and at most 12. The log has to hold three horizons; otherwise the error
// wraps ErrTooShort.
func Schedule(first, last, horizon int64) ([]int64, error) {
	from, to := first+horizon, last-horizon
	if last-first >= 5*horizon {
		from += horizon
	}
	if to-from < horizon {
		return nil, fmt.Errorf("%w: it spans %v, and 3 horizons of %v are needed; choose a shorter --horizon",
			ErrTooShort, span(last-first), span(horizon))
	}
	n := min(max((to-from)/(horizon/2)+1, fewestTimes), mostTimes)
	times := make([]int64, n)
	for i := range times {
		times[i] = from + (to-from)*int64(i)/(n-1)
	}

	return times, nil
}

// coldTimes are in the first horizon, before any outcome is complete, and
// before a time.
func coldTimes(first, horizon, before int64) []int64 {
	var times []int64
	for _, part := range [...]int64{30, 50, 70, 95} {
		if t := first + horizon*part/100; t < before {
			times = append(times, t)
		}
	}

	return times
}

// check refuses evaluation times whose outcome is not in the log.
func check(at []int64, log *Log, horizon int64) error {
	for i, t := range at {
		switch {
		case t < log.First || t > log.Last-horizon:
			return fmt.Errorf("evaluation time %s; choose one from %s to %s, a horizon before the end of the log",
				instant(t), instant(log.First), instant(log.Last-horizon))
		case i > 0 && t <= at[i-1]:
			return fmt.Errorf("evaluation time %s does not come after %s; name them in order", instant(t), instant(at[i-1]))
		}
	}

	return nil
}

func instant(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }

// span writes a length of time in days where it is long.
func span(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	if d < 2*day {
		return d.String()
	}

	return fmt.Sprintf("%.4gd", d.Hours()/24)
}
