package term

import "time"

// TimeText is a time for people; "never" before there was one.
func TimeText(at time.Time) string {
	if at.UnixMilli() <= 0 {
		return "never"
	}

	return at.UTC().Format(time.RFC3339)
}

// TimeOf is a time in Unix ms; the zero time where there was none.
func TimeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}

	return time.UnixMilli(ms).UTC()
}
