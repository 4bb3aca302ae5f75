package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/nats-io/nuid"

	"ebb/pipeline/event"
	"ebb/pipeline/format"
	"ebb/pipeline/format/native"
	"ebb/pipeline/vocabulary"
)

// Limits of Segment's API.
const (
	MaxCallBytes  = 32 << 10  // of a call
	MaxBatchBytes = 500 << 10 // of a batch, in which each call has its own
)

// envelope is what a call says beside the event. Its fields can be anything: the decoder of
// events says of the call's what is wrong with them.
type envelope struct {
	WriteKey any            `json:"writeKey"`
	Type     any            `json:"type"`
	Batch    jsontext.Value `json:"batch"`
}

// text is a value that is a text, and else nothing.
func (*envelope) text(value any) string {
	text, _ := value.(string)

	return text
}

// calls are the types of calls that have an address of their own.
func calls() []string { return []string{"track", "identify", "page", "screen", "group", "alias"} }

// errCall is why a call as a whole is refused.
type errCall struct{ text string }

func (e *errCall) Error() string { return e.text }

// reader reads calls. It belongs to one request.
type reader struct {
	formats *format.Reader
	now     time.Time
}

// read turns a body into events to be stored. A call that can't be read is an error of
// the request; within a batch it is kept as what was refused.
func (r *reader) read(call string, body []byte, said *envelope) (events []one, bad int, err error) {
	batch := call == "batch"
	if !batch {
		if body, err = typed(call, body, said.text(said.Type)); err != nil {
			return nil, 0, err
		}
	}
	none := nuid.Next() // of what has no messageId: then nobody can tell a copy
	message := &format.Message{Data: body, Origin: event.Origin{ID: []byte(none), Received: r.now.UnixMilli()}}
	err = r.formats.Read(message, func(item *format.Item) error {
		refusal := item.Refuse
		if refusal == nil && len(item.Raw) > MaxCallBytes {
			refusal = event.Refuse(event.ReasonOversize, "call", fmt.Appendf(nil, "%d bytes", len(item.Raw)), fmt.Sprintf("send at most %d", MaxCallBytes))
		}
		if refusal == nil && string(item.Event.Type) == vocabulary.ForgottenType {
			refusal = event.Refuse(event.ReasonForgetDenied, "event", item.Event.Type, "a write key stands in pages for anybody to read: use ebb forget, or publish the event to NATS")
		}
		switch {
		case refusal == nil:
			events = append(events, one{event.Token(item.Event.Customer), string(item.Event.ID), native.AppendEvent(nil, item.Event)})
		case !batch || said.Batch.Kind() != '[':
			return refusal
		default:
			bad++
			events = append(events, refused(idOf(item.Raw, fmt.Sprintf("%s-%d", none, item.Index)), item.Index, refusal, item.Raw))
		}

		return nil
	})

	return events, bad, err
}

// typed gives a call the type that its address says.
func typed(call string, body []byte, said string) ([]byte, error) {
	if said == call {
		return body, nil
	}
	if said != "" {
		return nil, &errCall{fmt.Sprintf("type is %s, and this is /v1/%s; send it there, or leave the type out", event.Printable(said, event.MaxTypeBytes), call)}
	}
	rest := bytes.TrimLeft(body, " \t\r\n")
	if len(rest) == 0 || rest[0] != '{' {
		return nil, &errCall{"the body is no JSON object"}
	}
	rest = bytes.TrimLeft(rest[1:], " \t\r\n")
	typed := fmt.Appendf(nil, `{"type":%q`, call)
	if len(rest) > 0 && rest[0] != '}' {
		typed = append(typed, ',')
	}

	return append(typed, rest...), nil
}

// idOf is the id of a call that could not be read, or another where it has none.
func idOf(raw []byte, other string) string {
	var said struct {
		MessageID string `json:"messageId"`
	}
	if json.Unmarshal(raw, &said, jsontext.AllowDuplicateNames(true)) != nil || said.MessageID == "" {
		return other
	}

	return said.MessageID
}

// open reads what a body says beside its events: names as they are written, since those in
// another case are other names to the decoder of events, too.
func open(body []byte) (*envelope, error) {
	var said envelope
	err := json.Unmarshal(body, &said, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) // which the decoder names
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &errCall{"the body can't be read as JSON: " + event.Printable(err.Error(), 200)}
	case err != nil:
		return nil, &errCall{"the body is no JSON object"}
	}

	return &said, nil
}
