package setting

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ebb/pipeline/meaning"
)

// Day is 24 hours; settings know no other.
const Day = 24 * time.Hour

// Duration is a time.Duration that also reads and writes days: "28d".
type Duration time.Duration

// UnmarshalText reads "90s", "10m", "1h30m", "28d" or "1d12h".
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = Duration(parsed)

	return nil
}

// String writes days where the duration is whole days, and no trailing zeros.
func (d Duration) String() string { return meaning.DurationText(time.Duration(d)) }

// ParseDuration reads 90s, 36h, 14d or 1d12h.
func ParseDuration(text string) (time.Duration, error) {
	refused := fmt.Errorf("%q is no duration; write a number and a unit, such as 500ms, 90s, 10m, 6h or 28d", text)

	var days time.Duration
	rest := text
	if before, after, found := strings.Cut(text, "d"); found {
		n, err := strconv.ParseInt(before, 10, 32)
		if err != nil || n < 0 || n > 100*365 {
			return 0, refused
		}
		days, rest = time.Duration(n)*Day, after
		if rest == "" {
			return days, nil
		}
	}
	span, err := time.ParseDuration(rest)
	if err != nil || (days != 0 && span < 0) {
		return 0, refused
	}

	return days + span, nil
}
