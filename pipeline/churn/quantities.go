package churn

import (
	"strconv"
	"strings"
)

// quantities are the numbers that phrases can state: {silent} in a phrase
// stands for silent_ms. Those whose names end in _ms are lengths of time, rating
// is from -100 to 100, and the others are counts.
var quantities = [...]struct {
	name string
	of   func(*Reason) int64
}{
	{"silent_ms", func(r *Reason) int64 { return r.Silent }},
	{"contact_ms", func(r *Reason) int64 { return r.Contact }},
	{"every_ms", func(r *Reason) int64 { return r.Every }},
	{"known_ms", func(r *Reason) int64 { return r.Known }},
	{"slot_ms", func(r *Reason) int64 { return r.Slot }},
	{"visits", func(r *Reason) int64 { return int64(r.Visits) }},
	{"recent", func(r *Reason) int64 { return int64(r.Recent) }},
	{"before", func(r *Reason) int64 { return int64(r.Before) }},
	{"negatives", func(r *Reason) int64 { return int64(r.Negatives) }},
	{"rating", func(r *Reason) int64 { return int64(r.Rating) }},
	{"messages", func(r *Reason) int64 { return int64(r.Messages) }},
}

const spanSuffix = "_ms"

// placeOf is how a phrase names a quantity.
func placeOf(name string) string { return "{" + strings.TrimSuffix(name, spanSuffix) + "}" }

// numbers put a reason's numbers into a phrase.
func (l *Language) numbers(r *Reason) *strings.Replacer {
	pairs := make([]string, 0, 2*len(quantities))
	for _, q := range quantities {
		words := strconv.FormatInt(q.of(r), 10)
		if strings.HasSuffix(q.name, spanSuffix) {
			words = l.span(q.of(r))
		}
		pairs = append(pairs, placeOf(q.name), words)
	}

	return strings.NewReplacer(pairs...)
}

// stated are the numbers that a phrase states; nil for none.
func (r *Reason) stated(phrase string) map[string]int64 {
	var numbers map[string]int64
	for _, q := range quantities {
		if !strings.Contains(phrase, placeOf(q.name)) {
			continue
		}
		if numbers == nil {
			numbers = make(map[string]int64)
		}
		numbers[q.name] = q.of(r)
	}

	return numbers
}
