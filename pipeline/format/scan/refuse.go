package scan

import (
	"strconv"
	"unicode/utf8"

	"ebb/pipeline/event"
)

// Malformed records that the message is no JSON event because of what stands
// at i.
func (t *Scanner) Malformed(i int, remedy string) int {
	i = min(i, len(t.Data))
	t.Syntax = event.Refuse(event.ReasonMalformed, "byte "+strconv.Itoa(i), t.Data[i:], remedy)

	return -1
}

// TooDeep records that objects and arrays are nested too deep at i.
func (t *Scanner) TooDeep(i int) int {
	return t.Malformed(i, "nest at most "+strconv.Itoa(event.MaxEventDepth)+" objects and arrays, the event included")
}

// invalidUTF8 records that the bytes from begin to end are no UTF-8.
func (t *Scanner) invalidUTF8(begin, end int) int {
	for begin < end {
		r, size := utf8.DecodeRune(t.Data[begin:end])
		if r == utf8.RuneError && size == 1 {
			break
		}

		begin += size
	}

	t.Syntax = event.Refuse(event.ReasonInvalidUTF8, "byte "+strconv.Itoa(begin), t.Data[begin:end], "send strings as UTF-8")

	return -1
}

// Oversize refuses an event of more bytes than the limit.
func Oversize(size, limit int) *event.Refusal {
	return &event.Refusal{
		Reason: event.ReasonOversize,
		Field:  "event",
		Value:  strconv.Itoa(size) + " bytes",
		Remedy: "send at most " + strconv.Itoa(limit) + " bytes",
	}
}
