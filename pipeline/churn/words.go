package churn

import "fmt"

// words says a reason in one sentence. Its numbers are those of the reason.
func (m *Model) words(r Reason) string {
	switch r.Code {
	case CodeRhythm:
		if r.Visits < 2 {
			return fmt.Sprintf("seen once, silent for %s", span(r.Silent))
		}

		return fmt.Sprintf("usually every %s, silent for %s", m.every(r.Every), span(r.Silent))
	case CodeFrequency:
		if r.Visits < 2 {
			return fmt.Sprintf("no rhythm yet, customers come every %s on average", m.every(r.Average))
		}

		return fmt.Sprintf("comes every %s, customers every %s on average", m.every(r.Every), m.every(r.Average))
	default:
		if r.Visits < 2 {
			return fmt.Sprintf("came once, %s ago, and not again", span(r.Known))
		}

		return fmt.Sprintf("came %d times in %s", r.Visits, span(r.Known))
	}
}

// every words a gap. Visits within one slot count as one, so a gap of about a
// slot may be any shorter one.
func (m *Model) every(gap int64) string {
	if gap < m.slot*3/2 {
		return span(m.slot) + " or more often"
	}

	return span(gap)
}

// span words a length of time in the largest unit of which it has two.
func span(ms int64) string {
	units := [...]struct {
		length int64
		name   string
	}{{day, "day"}, {hour, "hour"}, {minute, "minute"}}
	for _, unit := range units {
		if ms >= 2*unit.length {
			return fmt.Sprintf("%d %ss", (ms+unit.length/2)/unit.length, unit.name)
		}
	}
	if ms >= minute {
		return "1 minute"
	}

	return "less than a minute"
}
