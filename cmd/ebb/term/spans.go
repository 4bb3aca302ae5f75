package term

import (
	"fmt"
	"time"

	"ebb/cmd/ebb/setting"
)

// SpanWords is a length of time in the largest unit of which it has two.
func SpanWords(ms int64) string {
	span := time.Duration(ms) * time.Millisecond
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{setting.Day, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}, {time.Second, "seconds"}} {
		if span >= 2*unit.length {
			return fmt.Sprintf("%d %s", (span+unit.length/2)/unit.length, unit.name)
		}
	}

	return "less than 2 seconds"
}

// RiskText is a risk in whole percent.
func RiskText(risk float64) string { return fmt.Sprintf("%.0f%%", 100*risk) }
