package web

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const dash = "–"

// number is a value as people read it in its unit.
func number(v float64, unit string, decimals *float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return dash
	}
	switch unit {
	case "percentunit":
		return fixed(100*v, decimals, 1) + " %"
	case "percent":
		return fixed(v, decimals, 1) + " %"
	case "s":
		return spanOf(v)
	case "ms":
		return spanOf(v / 1000)
	case "d":
		return fixed(v, decimals, 1) + " d"
	case "bytes":
		return scaled(v, decimals, 1024, []string{" B", " KiB", " MiB", " GiB", " TiB"})
	}

	return scaled(v, decimals, 1000, []string{"", " K", " M", " B", " T"})
}

// scaled shortens large numbers.
func scaled(v float64, decimals *float64, step float64, names []string) string {
	shown, i := v, 0
	// Up to 9,999 a number is shorter than with a letter.
	from := 10_000.
	if step != 1000 {
		from = step
	}
	for ; math.Abs(shown) >= from && i+1 < len(names); from = step {
		shown /= step
		i++
	}
	least := 0
	switch {
	case i > 0 && math.Abs(shown) < 100:
		least = 1
	case shown != math.Trunc(shown) && math.Abs(shown) < 100:
		least = 2
	}
	if i > 0 {
		decimals = nil // those of a figure in full say nothing of thousands
	}

	return fixed(shown, decimals, least) + names[i]
}

// fixed is a number with as many decimals as are asked for, and no more than it needs.
func fixed(v float64, decimals *float64, otherwise int) string {
	if decimals != nil {
		return strconv.FormatFloat(v, 'f', int(*decimals), 64)
	}
	text := strconv.FormatFloat(v, 'f', otherwise, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}

	return text
}

// spanOf is a number of seconds in its largest unit.
func spanOf(seconds float64) string {
	for _, u := range []struct {
		name string
		size float64
	}{{"d", 86400}, {"h", 3600}, {"min", 60}} {
		if math.Abs(seconds) >= 2*u.size {
			return fixed(seconds/u.size, nil, 1) + " " + u.name
		}
	}

	return fixed(seconds, nil, 1) + " s"
}

// ago is a moment as seen from now.
func ago(at, now time.Time) string {
	if at.IsZero() || at.Unix() == 0 {
		return dash
	}
	if seconds := now.Sub(at).Seconds(); seconds >= 0 {
		return spanOf(seconds) + " ago"
	}

	return "in " + spanOf(at.Sub(now).Seconds())
}

// moment is a time on an axis over a span.
func moment(at time.Time, span time.Duration) string {
	switch {
	case span <= 48*time.Hour:
		return at.UTC().Format("15:04")
	case span <= 300*24*time.Hour:
		return at.UTC().Format("2 Jan")
	}

	return at.UTC().Format("Jan 2006")
}
