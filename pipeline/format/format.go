// Package format reads the events of a message in whatever format people have
// them: ebb's own, Segment's calls, CloudEvents; one, or several in an array, in
// lines, or in a batch of Segment's.
//
// It promises that a message has the same events with the same ids whenever it is
// read, that a bad event does not keep the good ones beside it from counting, and
// that a refusal names the format, the place, the value and a remedy. It does not
// publish: whoever reads a source or a file writes what comes out with
// native.AppendEvent, and refusals as dead letters.
//
// Read this file first, then split.go and choose.go; the formats are the packages
// below this one.
package format

import (
	"fmt"
	"strconv"

	"ebb/pipeline/event"
	"ebb/pipeline/format/cloudevents"
	"ebb/pipeline/format/native"
	"ebb/pipeline/format/scan"
	"ebb/pipeline/format/segment"
	"ebb/pipeline/spelling"
)

// Format is how events are written, or how that is found out.
type Format string

// The formats, and the two ways to choose one for each message.
const (
	Native      Format = "native"
	Segment     Format = segment.Name
	CloudEvents Format = cloudevents.Name
	Auto        Format = "auto"   // by headers, else by content; each event of a message apart
	ByHeader    Format = "header" // by headers alone, native without
)

// Names are the formats that a setting may name.
func Names() []string {
	return []string{string(Native), string(Segment), string(CloudEvents), string(Auto), string(ByHeader)}
}

// Parse reads a format from a setting.
func Parse(name string) (Format, error) {
	for _, known := range Names() {
		if name == known {
			return Format(name), nil
		}
	}
	near := spelling.Nearest(name, Names(), max(2, len(name)/3))
	if near != "" {
		return "", fmt.Errorf("format is %q; did you mean %q?", name, near)
	}

	return "", fmt.Errorf("format is %q; choose one of %q", name, Names())
}

// Bounds of one message.
const (
	MaxMessageBytes = 8 << 20 // what nats-server takes at most where it is told to
	MaxItems        = 10_000  // events
)

// Types knows the names of event types, as *vocabulary.Vocabulary does.
type Types interface {
	// ChannelOf is the channel of events of a type that name none; false where the
	// vocabulary lacks the type.
	ChannelOf(name []byte) (channel string, known bool)
}

// Message is one message of a source, or one line of a file.
type Message struct {
	Data    []byte
	Headers map[string][]string // as nats.Header; nil for none
	Origin  event.Origin        // of the whole message; the id of each event that has none is made of it
}

// Item is one event of a message, or why there is none.
type Item struct {
	Format Format
	Index  int            // in the message, from 1
	Of     int            // how many the message has
	Event  *event.Event   // valid during the call; nil where it is refused
	Refuse *event.Refusal // nil where it is not
	Raw    []byte         // its bytes in the message
}

// Reader reads messages of one format. It belongs to one goroutine.
type Reader struct {
	format   Format
	native   *native.Decoder
	segment  *segment.Decoder
	events   *cloudevents.Decoder
	splitter scan.Scanner
	batch    scan.Picker
	kind     scan.Picker
	event    event.Event
	items    [][]byte
	id       []byte
}

// NewReader makes a reader. Without types, the names of event types stay as they
// are.
func NewReader(format Format, types Types) *Reader {
	return &Reader{
		format: format, native: native.NewDecoder(0), segment: segment.NewDecoder(types), events: cloudevents.NewDecoder(types),
		splitter: scan.New(), batch: scan.NewPicker(lookBatch), kind: scan.NewPicker(lookKind),
	}
}

// Read calls take with each event of a message, in order. It returns the first error
// of take, and goes no further.
func (r *Reader) Read(m *Message, take func(item *Item) error) error {
	if isBinary(m.Headers) && r.format != Native && r.format != Segment {
		item := Item{Format: CloudEvents, Index: 1, Of: 1, Raw: m.Data}
		r.settle(&item, r.events.DecodeBinary(m.Headers, m.Data, m.Origin, &r.event))

		return take(&item)
	}
	of := r.byHeader(m.Headers)
	origin := m.Origin
	refusal := r.split(m.Data, of, &origin)
	if refusal != nil {
		return take(&Item{Format: of, Index: 1, Of: 1, Refuse: refusal, Raw: m.Data})
	}
	for i, raw := range r.items {
		item := Item{Format: of, Index: i + 1, Of: len(r.items), Raw: raw}
		if of == Auto {
			item.Format = r.byContent(raw)
		}
		from := origin
		if len(r.items) > 1 && len(from.ID) > 0 {
			r.id = strconv.AppendInt(append(append(r.id[:0], origin.ID...), '-'), int64(item.Index), 10)
			from.ID = r.id
		}
		r.settle(&item, r.decode(item.Format, raw, from))
		if err := take(&item); err != nil {
			return err
		}
	}

	return nil
}

func (r *Reader) decode(as Format, raw []byte, from event.Origin) error {
	switch as {
	case Segment:
		return r.segment.Decode(raw, from, &r.event)
	case CloudEvents:
		return r.events.Decode(raw, from, &r.event)
	case Native, Auto, ByHeader:
	}

	return r.native.Decode(raw, &r.event)
}

// settle puts the outcome into the item, and the index into a refusal.
func (r *Reader) settle(item *Item, err error) {
	if err == nil {
		item.Event = &r.event

		return
	}
	refusal, _ := err.(*event.Refusal) //nolint:errorlint // what all decoders return, as it is
	if item.Format == Native {
		refusal = event.InFormat(string(Native), refusal)
	}
	if item.Of > 1 {
		refusal = event.InFormat("item "+strconv.Itoa(item.Index)+":", refusal)
	}
	item.Refuse = refusal
}
