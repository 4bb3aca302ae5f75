package setting

import (
	"time"

	"ebb/pipeline/churn"
	"ebb/pipeline/meaning"
)

// Followed is a duration that follows other settings, above all the horizon,
// unless it is set: what is right for a month is wrong for an hour, and nobody
// who changes the one should have to know of all the others. It is written auto.
type Followed Duration

// Auto is a Followed that nobody has set.
const (
	Auto     Followed = -1
	autoText          = "auto"
)

// UnmarshalText reads auto, or what Duration reads.
func (f *Followed) UnmarshalText(text []byte) error {
	if string(text) == autoText {
		*f = Auto

		return nil
	}

	return (*Duration)(f).UnmarshalText(text)
}

// String is what UnmarshalText reads.
func (f Followed) String() string {
	if f == Auto {
		return autoText
	}

	return Duration(f).String()
}

// or is the duration that is set, or else what it follows.
func (f Followed) or(followed time.Duration) time.Duration {
	if f == Auto {
		return followed
	}

	return time.Duration(f)
}

// The functions below say what each of them follows. Their arguments and results
// are at least what the settings take at least.

// DwellFor is churn.dwell at a horizon.
func DwellFor(horizon time.Duration) time.Duration {
	return time.Duration(churn.DwellOf(horizon.Milliseconds())) * time.Millisecond
}

// CoordinateFor is coordinate.interval at a horizon: what becomes of people is
// known a horizon later, so several fits within one are enough.
func CoordinateFor(horizon time.Duration) time.Duration {
	return max(time.Second, min(meaning.DefaultCoordinateInterval, horizon/churn.SlotsPerHorizon).Truncate(time.Second))
}

// alertEveryFor is churn.alert_every at a horizon, where the streams keep
// messages for age: whom an alert is to save must not be lapsed by then, and the
// reports of the period before must still be there.
func alertEveryFor(horizon, age time.Duration) time.Duration {
	return max(time.Minute, min(meaning.DefaultAlertEvery, horizon/2, age/2).Truncate(time.Second))
}

// StatisticsAgeFor is how long the reports of the partitions are kept at least,
// unless stream.max_age says how long: one comes in every eighth of a horizon.
func StatisticsAgeFor(horizon time.Duration) time.Duration {
	return max(time.Duration(DefaultMaxAge), 2*horizon/churn.SlotsPerHorizon)
}

// AutoHorizon is the horizon that is taken from the data.
const AutoHorizon = "auto"
