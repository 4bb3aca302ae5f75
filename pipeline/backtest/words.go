package backtest

import (
	"fmt"
	"math"
)

// unknown stands in a report for what can't be said.
const unknown = "–"

// Text is the number with three decimals.
func (n Number) Text() string {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return unknown
	}

	return fmt.Sprintf("%.3f", float64(n))
}

// Signed is the number with its sign and three decimals.
func (n Number) Signed() string {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return unknown
	}

	return fmt.Sprintf("%+.3f", float64(n))
}

// Percent is the share in percent, with one decimal.
func (n Number) Percent() string {
	if math.IsNaN(float64(n)) {
		return unknown
	}

	return fmt.Sprintf("%.1f %%", 100*float64(n))
}

// Hundredths is the share in whole percent, without the sign.
func (n Number) Hundredths() string {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return unknown
	}

	return fmt.Sprintf("%.0f", 100*float64(n))
}

// Days is the number with one decimal.
func (n Number) Days() string {
	if math.IsNaN(float64(n)) {
		return unknown
	}

	return fmt.Sprintf("%.1f", float64(n))
}

// Text says from where to where; nothing where there were no resamples.
func (i Interval) Text() string {
	if math.IsNaN(float64(i[0])) {
		return ""
	}

	return i[0].Text() + " to " + i[1].Text()
}
