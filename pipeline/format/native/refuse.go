package native

import (
	"strconv"
	"unicode/utf8"

	"ebb/pipeline/event"
)

// malformed records that the message is no JSON event because of what stands
// at i.
func (d *Decoder) malformed(i int, remedy string) int {
	i = min(i, len(d.data))
	d.syntax = event.Refuse(event.ReasonMalformed, "byte "+strconv.Itoa(i), d.data[i:], remedy)

	return -1
}

func (d *Decoder) tooDeep(i int) int {
	return d.malformed(i, "nest at most "+strconv.Itoa(event.MaxEventDepth)+" objects and arrays, the event included")
}

// invalidUTF8 records that the bytes from begin to end are no UTF-8.
func (d *Decoder) invalidUTF8(begin, end int) int {
	for begin < end {
		r, size := utf8.DecodeRune(d.data[begin:end])
		if r == utf8.RuneError && size == 1 {
			break
		}

		begin += size
	}

	d.syntax = event.Refuse(event.ReasonInvalidUTF8, "byte "+strconv.Itoa(begin), d.data[begin:end], "send strings as UTF-8")

	return -1
}

func oversize(size, limit int) *event.Refusal {
	return &event.Refusal{
		Reason: event.ReasonOversize,
		Field:  "event",
		Value:  strconv.Itoa(size) + " bytes",
		Remedy: "send at most " + strconv.Itoa(limit) + " bytes",
	}
}
