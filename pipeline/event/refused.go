package event

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// This file writes and reads what stands in the input for an event that a source
// could not read: a shard makes a dead letter of it, with what the source says. It
// has an id and no time, so nobody who does not know of it takes it for an event.

// MaxRefusedBytes is how much of an event that could not be read is kept: with all its
// characters escaped it is still no longer than an event may be.
const MaxRefusedBytes = MaxEventBytes / 8

// RefusedAt is where an event came from that a source could not read.
type RefusedAt struct {
	Source   string `json:"source"`             // by its name in the settings
	Stream   string `json:"stream"`             // or subject
	Sequence uint64 `json:"sequence,omitempty"` // in the stream; 0 where there is none
	Item     int    `json:"item,omitempty"`     // in the message, from 1; 0 where it is the only one
	Format   string `json:"format"`
}

// String says it in a dead letter.
func (at *RefusedAt) String() string {
	place := fmt.Sprintf("source %s, stream %s", at.Source, at.Stream)
	if at.Sequence > 0 {
		place += fmt.Sprintf(", sequence %d", at.Sequence)
	}
	if at.Item > 0 {
		place += fmt.Sprintf(", item %d", at.Item)
	}

	return place + ", format " + at.Format
}

// refused is the form of it.
type refused struct {
	ID      string      `json:"id"`
	Refused refusedWhy  `json:"refused"`
	Event   refusedText `json:"event"`
}

type refusedWhy struct {
	Reason string `json:"reason"`
	Field  string `json:"field,omitempty"`
	Value  string `json:"value,omitempty"`
	Remedy string `json:"remedy,omitempty"`
	RefusedAt
}

// refusedText is text as it is where that is UTF-8, so that people can read it.
type refusedText struct {
	Text  string `json:"text,omitempty"`
	Bytes []byte `json:"bytes,omitempty"`
	Size  int    `json:"size"` // of all of it, in bytes
}

// AppendRefused appends what stands for an event that could not be read. The id is
// the same whenever the event is read again.
func AppendRefused(dst []byte, id string, at RefusedAt, why *Refusal, raw []byte) []byte {
	text := refusedText{Size: len(raw)}
	raw = raw[:min(len(raw), MaxRefusedBytes)]
	if utf8.Valid(raw) {
		text.Text = string(raw)
	} else {
		text.Bytes = raw
	}
	body, _ := json.Marshal(refused{ // strings and numbers always marshal
		ID: id, Event: text,
		Refused: refusedWhy{Reason: why.Reason.String(), Field: why.Field, Value: why.Value, Remedy: why.Remedy, RefusedAt: at},
	})

	return append(dst, body...)
}

// ParseRefused reads what AppendRefused writes; nil where it is something else.
func ParseRefused(data []byte) *Refusal {
	var r refused
	read := json.Unmarshal(data, &r) == nil
	reason, ok := ParseReason(r.Refused.Reason)
	if !read || !ok || r.Refused.Source == "" {
		return nil
	}

	return &Refusal{
		Reason: reason, Field: r.Refused.Field, Value: r.Refused.Value, Remedy: r.Refused.Remedy,
		From: r.Refused.RefusedAt.String(),
	}
}

// OfRefused is the event that could not be read, as far as it is kept, and its format;
// false where the data is something else. It is cut where its size says more.
func OfRefused(data []byte) (raw []byte, format string, ok bool) {
	var r refused
	if ParseRefused(data) == nil || json.Unmarshal(data, &r) != nil {
		return nil, "", false
	}
	if r.Event.Bytes != nil {
		return r.Event.Bytes, r.Refused.Format, true
	}

	return []byte(r.Event.Text), r.Refused.Format, true
}
