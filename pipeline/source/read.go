package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"ebb/pipeline/event"
	"ebb/pipeline/format"
	"ebb/pipeline/format/native"
	"ebb/pipeline/replay"
)

// Message is a message of a source.
type Message struct {
	Sequence uint64 // 0 for a core message
	ID       string // instead of a sequence, for a core message: of nothing else
	Stored   int64  // when it was stored or received, Unix ms
	Header   map[string][]string
	Data     []byte
}

// Read is one event of a message as ebb's own format has it, or what stands for one
// that could not be read.
type Read struct {
	Body     []byte
	Customer string
	Time     int64          // Unix ms; 0 where it is refused
	Format   string         // in which it was read
	Refused  *event.Refusal // nil for most
}

// Reader reads the messages of a source. It belongs to one goroutine.
type Reader struct {
	spec    *Spec
	formats *format.Reader
	mapping *replay.Mapping // instead; nil for none
	native  *native.Decoder
	event   event.Event
	line    bytes.Buffer
}

// NewReader reads the mapping, if the source has one. types are the names of the
// vocabulary.
func NewReader(spec *Spec, types format.Types) (*Reader, error) {
	r := &Reader{spec: spec, native: native.NewDecoder(0)}
	if spec.Mapping == "" {
		of := spec.Format
		if of == "" {
			of = format.Auto
		}
		r.formats = format.NewReader(of, types)

		return r, nil
	}
	mapping, err := replay.LoadMapping(spec.Mapping, replay.Source{Name: spec.Name})
	if err == nil && mapping.Format == replay.CSV {
		err = errors.New("its format is csv, and a message has no header row; write format: ndjson into it")
	}
	if err == nil && mapping.Group != "" {
		err = fmt.Errorf("its group is %q, and a stream has no end at which the rows of a group would be known; take it out of the mapping", mapping.Group)
	}
	if err != nil {
		return nil, &SettingError{Source: spec.Name, Key: "mapping", Value: spec.Mapping, Err: err}
	}
	mapping.Know(types)
	r.mapping = mapping

	return r, nil
}

// SettingError is a setting of a source that turned out to be wrong.
type SettingError struct {
	Source, Key, Value string
	Err                error
}

func (e *SettingError) Error() string {
	return "sources: " + e.Source + ": " + e.Key + " is " + strconv.Quote(e.Value) + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *SettingError) Unwrap() error { return e.Err }

// Read returns the events of a message, in order.
func (r *Reader) Read(m *Message) []Read {
	if r.mapping != nil {
		return r.readMapped(m)
	}
	var all []Read
	from := &format.Message{Data: m.Data, Headers: m.Header, Origin: event.Origin{ID: []byte(r.id(m))}}
	_ = r.formats.Read(from, func(item *format.Item) error { // which fails only if this does
		all = append(all, r.settle(m, item))

		return nil
	})
	if !lacksTime(all) {
		return all
	}
	// Only what has no time of its own gets that of the message: for what has one, when
	// the message was stored here says nothing about clocks of devices.
	from.Origin.Received = m.Stored
	i := 0
	_ = r.formats.Read(from, func(item *format.Item) error {
		if all[i].Refused != nil && errors.Is(all[i].Refused, event.ErrMissingTime) {
			all[i] = r.settle(m, item)
		}
		i++

		return nil
	})

	return all
}

func lacksTime(all []Read) bool {
	for i := range all {
		if all[i].Refused != nil && errors.Is(all[i].Refused, event.ErrMissingTime) {
			return true
		}
	}

	return false
}

// id is that of a message: events without an id of their own get it.
func (r *Reader) id(m *Message) string {
	if m.ID != "" {
		return r.spec.Name + ":" + m.ID
	}

	return r.spec.Name + ":" + strconv.FormatUint(m.Sequence, 10)
}

func (r *Reader) settle(m *Message, item *format.Item) Read {
	index := 0
	if item.Of > 1 {
		index = item.Index
	}
	if item.Refuse != nil {
		return r.refuse(m, index, string(item.Format), item.Refuse, item.Raw)
	}
	r.complete(item.Event)

	return Read{
		Body: native.AppendEvent(nil, item.Event), Customer: string(item.Event.Customer), Time: item.Event.Time, Format: string(item.Format),
	}
}

// complete gives an event what its source knows.
func (r *Reader) complete(ev *event.Event) {
	for name, value := range r.spec.Constant {
		for _, f := range constants() {
			if f.String() != name {
				continue
			}
			if of := fieldOf(ev, f); len(*of) == 0 && (f != event.FieldCurrency || ev.Has(event.HasValue)) {
				*of = []byte(value)
			}
		}
	}
}

// fieldOf is a field that a source may know.
func fieldOf(ev *event.Event, f event.Field) *[]byte {
	switch f {
	case event.FieldChannel:
		return &ev.Channel
	case event.FieldSession:
		return &ev.Session
	case event.FieldDevice:
		return &ev.Device
	case event.FieldCampaign:
		return &ev.Campaign
	case event.FieldMessage:
		return &ev.Message
	case event.FieldProduct:
		return &ev.Product
	}

	return &ev.Currency
}

// refuse makes what stands for an event that could not be read.
func (r *Reader) refuse(m *Message, item int, of string, why *event.Refusal, raw []byte) Read {
	id := r.id(m)
	if item > 0 {
		id += "-" + strconv.Itoa(item)
	}
	at := event.RefusedAt{Source: r.spec.Name, Stream: r.spec.Place(), Sequence: m.Sequence, Item: item, Format: of}

	return Read{Body: event.AppendRefused(nil, id, at, why, raw), Format: of, Refused: why}
}

// readMapped reads a message as a file of lines with a mapping.
func (r *Reader) readMapped(m *Message) []Read {
	of := "mapping " + r.mapping.Name
	r.line.Reset()
	text := m.Data
	if json.Compact(&r.line, m.Data) == nil { // an object on several lines is one event
		text = bytes.Clone(r.line.Bytes())
	}
	rows, err := replay.NewReader(
		replay.Source{Name: r.spec.Name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }},
		r.mapping, replay.ReadOptions{Digest: r.id(m)})
	if err != nil {
		return []Read{r.refuse(m, 0, of, event.Refuse(event.ReasonMalformed, "message", nil, err.Error()), m.Data)}
	}
	defer rows.Close()
	var all []Read
	for {
		var row replay.Row
		if err := rows.Next(&row); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			all = append(all, r.refuse(m, len(all)+1, of, event.Refuse(event.ReasonMalformed, "message", nil, err.Error()), m.Data))

			break
		}
		all = append(all, r.settleRow(m, of, &row))
	}
	if len(all) == 0 {
		all = append(all, r.refuse(m, 0, of, event.Refuse(event.ReasonMalformed, "message", nil, "it is empty; send a JSON object"), m.Data))
	}

	return all
}

// settleRow looks at a row with the eyes of a shard, so that a refusal names the source.
func (r *Reader) settleRow(m *Message, of string, row *replay.Row) Read {
	body := bytes.Clone(row.Body)
	err := r.native.Decode(body, &r.event)
	if err == nil && row.Problem == nil {
		r.complete(&r.event)

		return Read{Body: native.AppendEvent(nil, &r.event), Customer: string(r.event.Customer), Time: r.event.Time, Format: of}
	}
	var why *event.Refusal
	if !errors.As(err, &why) {
		why = event.Refuse(event.ReasonInvalidField, "row", nil, "")
	}
	var problem *replay.RowError
	if errors.As(row.Problem, &problem) {
		why.Remedy = problem.Err.Error()
		if problem.Column != "" {
			why.Field = problem.Column
		}
	}

	return r.refuse(m, 0, of, why, m.Data)
}
