package backtest

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// hundred is the fewest of which one may speak by the hundred.
const hundred = 100

func defined(n Number) bool { return !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0) }

// outOf100 is a share as a number of 100.
func outOf100(n Number) string {
	switch percent := 100 * float64(n); {
	case !defined(n):
		return unknown
	case n == 0:
		return "0"
	case percent < 0.5:
		return "fewer than 1"
	case n == 1:
		return "100"
	case percent >= 99.5:
		return "more than 99"
	default:
		return fmt.Sprintf("%.0f", percent)
	}
}

// OfMany is a share of so many: by the hundred where there are a hundred, else
// as they are.
func OfMany(n Number, of int) string {
	switch {
	case !defined(n):
		return unknown
	case of < hundred:
		return fmt.Sprintf("%.0f of %d", math.Round(float64(n)*float64(of)), of)
	default:
		return outOf100(n) + " of 100"
	}
}

// losses is a share of so many losses.
func losses(n Number, of int) string {
	switch {
	case n == 0:
		return "none of the losses"
	case n == 1 && of > 1:
		return "all losses"
	case of == 1:
		return "the one loss"
	default:
		return OfMany(n, of) + " losses"
	}
}

// times is how often.
func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	default:
		return Count(n) + " times"
	}
}

// Often is how many come an hour where they are hundreds a day, else a day, a week, a month or a year.
func Often(perDay float64) string {
	if !(perDay > 0) || math.IsInf(perDay, 0) {
		return ""
	}
	if perHour := perDay / 24; perHour >= 20 {
		return Count(int(math.Round(min(perHour, 1e15)))) + " an hour"
	}
	for _, span := range []struct {
		days float64
		name string
	}{{1, "a day"}, {7, "a week"}, {30, "a month"}} {
		if n := perDay * span.days; n >= 1.5 {
			return Count(int(math.Round(n))) + " " + span.name
		}
	}

	return Count(int(math.Round(max(perDay*365, 1)))) + " a year"
}

// fewer is a number of a hundred for people.
func fewer(n float64) string {
	if n < 1 {
		return "fewer than 1"
	}

	return fmt.Sprintf("%.0f", n)
}

// Counted is a number of things.
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}

	return Count(n) + " " + many
}

// Span is a length of time of so many ms as people say it, rounded.
func Span(ms float64) string {
	if !defined(Number(ms)) {
		return unknown
	}
	for _, unit := range []struct {
		ms        float64
		one, many string
	}{{float64(dayMS), "day", "days"}, {3_600_000, "hour", "hours"}, {60_000, "minute", "minutes"}, {1000, "second", "seconds"}} {
		n := ms / unit.ms
		if n < 1.995 && unit.ms > 1000 && math.Abs(n-1) > 0.01 {
			continue
		}
		if n < 10 && unit.many == "days" { // half days matter here
			n = math.Round(2*n) / 2
		} else {
			n = math.Round(n)
		}
		if n == 1 {
			return "1 " + unit.one
		}

		return strconv.FormatFloat(n, 'f', -1, 64) + " " + unit.many
	}

	return unknown
}

// Count is a whole number with a comma between thousands.
func Count(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}

	return digits
}

// Amount is money with its currency: to the cent where it is little, else to
// three digits.
func Amount(n Number, currency string) string {
	v := float64(n)
	text := unknown
	switch {
	case !defined(n):
	case math.Abs(v) >= 1e15:
		text = fmt.Sprintf("%.3g", v)
	case math.Abs(v) >= 999.5e9:
		text = fmt.Sprintf("%.3g trillion", v/1e12)
	case math.Abs(v) >= 999.5e6:
		text = fmt.Sprintf("%.3g billion", v/1e9)
	case math.Abs(v) >= 999_500:
		text = fmt.Sprintf("%.3g million", v/1e6)
	case math.Abs(v) >= 1000:
		unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
		text = Count(int(math.Round(v/unit) * unit))
	case math.Abs(v) >= 10 || v == 0:
		text = fmt.Sprintf("%.0f", v)
	default:
		text = fmt.Sprintf("%.2f", v)
	}

	return strings.TrimSpace(currency + " " + text)
}

// joined names all of a list.
func joined(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}

	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
