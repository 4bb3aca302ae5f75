package schema

import (
	"encoding/json"
	"math"
	"strconv"

	events "ebb/pipeline/event"
)

// event is the native event.
func event() Document {
	var properties []named
	for f := events.FieldID; f < events.FieldCount; f++ {
		properties = append(properties, may(f.String(), field(f.Spec())))
	}
	s := object("What somebody did. Null and an empty text are as if the field were absent. Fields that are not listed are kept with the event and count nowhere.", properties...)
	s.Required = []string{"id", "time", "type"}
	s.AnyOf = []*Schema{{Required: []string{"customer"}}, {Required: []string{"anonymous_id"}}}
	s.Examples = []any{json.RawMessage(`{"id":"o-4711","time":"2026-05-04T12:34:56.789Z","customer":"c-81","type":"order.completed","channel":"web","value":59.90,"currency":"EUR"}`)}

	return Document{Name: "event", Version: 1, Title: "Event", Subject: "events.{customer}", Input: true, Schema: s}
}

// field is a field of the event. A length of bytes is a bound of characters as well.
func field(spec *events.Spec) *Schema {
	s := &Schema{Description: spec.Definition}
	kind := "string"
	switch spec.Form {
	case events.Text, events.Identifier:
	case events.Code:
		s.Pattern = "^[A-Za-z]{3}$|^$"
	case events.Time:
		none := uint64(0)
		s.AnyOf = []*Schema{{Format: "date-time"}, {MaxLength: &none}}
		s.Description += "; RFC 3339, years 1970 to 2200, at most nanoseconds, of which milliseconds count"
	case events.Money, events.Number:
		kind = "number"
		s.Minimum, s.Maximum = bound(spec.Low), bound(spec.High)
		if spec.Unit != "" {
			s.Description += "; " + spec.Unit
		}
	case events.Truth:
		kind = "boolean"
	case events.Object:
		kind = "object"
	}
	if spec.Most > 0 && spec.Form != events.Code {
		most := uint64(spec.Most)
		s.MaxLength = &most
		s.Description += "; at most " + strconv.Itoa(spec.Most) + " bytes of UTF-8"
	}
	s.Extras = map[string]any{"type": []string{kind, "null"}}

	return s
}

func bound(v float64) json.Number {
	if math.Abs(v) == math.MaxFloat64 {
		return ""
	}

	return json.Number(strconv.FormatFloat(v, 'f', -1, 64))
}

// deadLetter is a record that was set aside: its bytes as they came, with why in the
// headers.
func deadLetter() Document {
	d := Document{
		Name: "deadletter", Version: 1, Title: "Dead letter", Subject: "deadletters.{reason}",
		Schema: &Schema{Description: "The bytes of the record as they came: whatever that was."},
	}
	d.Headers = object("Why the record was set aside, and where it stood.",
		must(events.HeaderReason, text("why, in one word; also the last token of the subject")),
		must(events.HeaderError, text("why, in words: the field, its value and the remedy")),
		must(events.HeaderSequence, digits("of the record in the input stream")),
		must(events.HeaderPartition, digits("in which it came")),
		must(events.HeaderClock, digits("clock of the partition, or of the record where that has none yet, Unix ms")),
		may(events.HeaderRow, digits("which row of the record it was, from 1, where it holds rows of history")),
		may(events.HeaderEra, digits("when the input stream was made, Unix ms")),
		may(events.HeaderSubject, text("subject on which the record was stored")),
		may(events.HeaderSize, digits("bytes of the record, where the letter holds fewer")),
	)

	return d
}

func digits(description string) *Schema {
	return &Schema{Type: "string", Pattern: "^[0-9]+$", Description: description}
}
