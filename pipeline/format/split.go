package format

import (
	"bytes"
	"strconv"

	"ebb/pipeline/event"
	"ebb/pipeline/format/scan"
)

// split finds the events of a message: those of an array, those of a batch of
// Segment's, whose times hold for all of it, lines, or the one that it is. The
// refusal concerns the message as a whole: then none of it counts.
func (r *Reader) split(data []byte, of Format, origin *event.Origin) *event.Refusal {
	r.items = r.items[:0]
	if len(data) > MaxMessageBytes {
		return tooMuch("message", strconv.Itoa(len(data))+" bytes", "send at most "+strconv.Itoa(MaxMessageBytes)+" bytes")
	}
	text := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(text) > 0 && text[0] == '[':
		return r.array(text, of)
	case of != Native && of != CloudEvents && bytes.Contains(text, []byte(`"batch"`)) && r.batchOf(text, origin):
		return r.array(r.batch.Got[batchItems].Raw, Segment)
	case isLines(text):
		for line := range bytes.Lines(text) {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				r.items = append(r.items, line)
			}
		}
	default:
		r.items = append(r.items, data)
	}

	return r.checkCount()
}

// array takes the items of an array. One that is broken counts as a whole as bad: what
// of it was meant can't be told.
func (r *Reader) array(text []byte, of Format) *event.Refusal {
	ok := r.splitter.Items(text, func(item []byte) bool {
		r.items = append(r.items, item)

		return len(r.items) <= MaxItems
	})
	if !ok {
		return event.InFormat(string(of), r.splitter.Syntax)
	}

	return r.checkCount()
}

func (r *Reader) checkCount() *event.Refusal {
	if len(r.items) <= MaxItems {
		return nil
	}

	return tooMuch("message", "more than "+strconv.Itoa(MaxItems)+" events", "send at most "+strconv.Itoa(MaxItems)+" events in one message")
}

func tooMuch(field, value, remedy string) *event.Refusal {
	return &event.Refusal{Reason: event.ReasonOversize, Field: field, Value: value, Remedy: remedy}
}

// isLines tells several lines of JSON from one object on several lines: the first line
// is an object by itself, and another one follows.
func isLines(text []byte) bool {
	first, rest, more := bytes.Cut(text, []byte{'\n'})
	first = bytes.TrimSpace(first)

	return more && len(first) > 1 && first[0] == '{' && first[len(first)-1] == '}' && len(bytes.TrimSpace(rest)) > 0
}

// Slots of a batch of Segment's.
const (
	batchItems = iota + 1
	batchSent
	batchReceived
)

func lookBatch(_ int, name []byte) (slot, opens int) {
	switch string(name) {
	case "batch":
		return batchItems, 0
	case "sentAt":
		return batchSent, 0
	case "receivedAt":
		return batchReceived, 0
	}

	return 0, 0
}

// batchOf tells a batch, and takes its times where they can be read.
func (r *Reader) batchOf(text []byte, origin *event.Origin) bool {
	if !r.batch.Pick(text) {
		return false
	}
	list := r.batch.Got[batchItems].Raw
	if len(list) == 0 || list[0] != '[' {
		return false
	}
	for slot, to := range map[int]*int64{batchSent: &origin.Sent, batchReceived: &origin.Received} {
		if s, ok := r.batch.String(slot); ok {
			if ms, fault := scan.ParseISO(s); fault == "" {
				*to = ms
			}
		}
	}

	return true
}
