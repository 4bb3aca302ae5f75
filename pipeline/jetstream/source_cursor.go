package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"ebb/pipeline/event"
	"ebb/pipeline/own"
)

// SourceCursor says up to where the events of a source stand in the input. It is
// stored in one atomic batch with them, on a subject of the source's own in the input
// stream.
type SourceCursor struct {
	Stream   string `json:"stream"`            // that is read
	Created  int64  `json:"created"`           // when it was made, Unix ms
	Sequence uint64 `json:"sequence"`          // all messages up to it are in the input
	Items    int    `json:"items,omitempty"`   // so many events of the next message, too
	Stored   int64  `json:"stored"`            // when the message at Sequence was stored, Unix ms
	Events   uint64 `json:"events"`            // so far
	Refused  uint64 `json:"refused"`           // of these could not be read
	Lost     uint64 `json:"lost,omitempty"`    // sequences that were removed before they were read
	History  uint64 `json:"history,omitempty"` // events that came as history
}

// Reads says whether the cursor is one of this stream.
func (c *SourceCursor) Reads(stream string, created int64) bool {
	return c.Stream == stream && c.Created == created
}

// SourceEvent is an event of a source, or what stands for one that could not be read.
type SourceEvent struct {
	Token string // of its customer
	Body  []byte
}

// sourceMarker is what is stored.
type sourceMarker struct {
	SourceCursor
	After uint64 `json:"after"` // sequence of the message before this one on the subject
}

// SourceWriter brings the events of one source into the input. One goroutine may use
// it; another writer of the same source, wherever it runs, fences it.
type SourceWriter struct {
	keys    *keyring
	layout  Layout
	subject string
	fence   uint64 // of the last message on the subject, whoever sent it
	known   uint64 // sequence of the last own one
}

// Bounds of a batch of events, its marker left out.
const (
	MaxSourceEvents = MaxBatch - 1
	MaxSourceBytes  = 2 << 20
)

// NewSourceWriter asks the server nothing. name is a token of a subject.
func NewSourceWriter(js natsjs.JetStream, layout Layout, name string) *SourceWriter {
	layout = layout.WithDefaults()

	return &SourceWriter{keys: newKeyring(js, layout), layout: layout, subject: layout.sourceSubject(name)}
}

func (l Layout) sourceSubject(name string) string { return l.Prefix + ".source." + name }

// Cursor reads from the stream's leader up to where the source has come; false where
// it has not begun. After an error of Store it says what is stored.
func (w *SourceWriter) Cursor(ctx context.Context) (SourceCursor, bool, error) {
	key, err := w.keys.get(ctx)
	if err != nil {
		return SourceCursor{}, false, err
	}
	found, err := search{
		leader: leader{w.keys.js, w.layout.Stream}, subject: w.subject, chained: true,
		own: func(message *stored) (uint64, bool) {
			marker, ok := readSourceMarker(key, message)
			return marker.After, ok
		},
	}.last(ctx, w.known)
	if err != nil {
		return SourceCursor{}, false, fmt.Errorf("read how far %s has come: %w", w.subject, err)
	}
	w.fence = found.fence
	if !found.own() {
		return SourceCursor{}, false, nil
	}
	w.known = found.Sequence
	marker, _ := readSourceMarker(key, &found.stored)

	return marker.SourceCursor, true, nil
}

func readSourceMarker(key *sealKey, message *stored) (marker sourceMarker, ok bool) {
	ok = key.sealed(message.Subject, message.Data) && json.Unmarshal(message.Data, &marker) == nil && marker.Stream != ""

	return marker, ok
}

// Store stores events, at most MaxSourceEvents, and the cursor behind them: all of it
// or nothing, and only if no other writer has moved the cursor since Cursor or Store
// last returned without an error. After any error nobody knows, and Cursor tells.
//
// A server that is killed while it stores may keep some of the events without their
// cursor. They come again then, with the same ids and times, and shards count them
// once.
func (w *SourceWriter) Store(ctx context.Context, events []SourceEvent, next SourceCursor) error {
	if len(events) > MaxSourceEvents {
		return fmt.Errorf("%d events at once; at most %d fit into a batch", len(events), MaxSourceEvents)
	}
	key, err := w.keys.get(ctx)
	if err != nil {
		return err
	}
	body, err := json.Marshal(sourceMarker{next, w.fence})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	b := newBatch(w.keys.js, w.layout.Stream, false)
	for i := range events {
		if err := b.add(ctx, w.layout.Prefix+".events."+events[i].Token, nil, events[i].Body); err != nil {
			return err
		}
	}
	stored, err := b.commit(ctx, w.subject, key.sealBody(w.subject, body), w.fence)
	if err != nil {
		return err
	}
	w.fence, w.known = stored, stored

	return nil
}

// SourceFenced says whether another writer has moved the cursor.
func SourceFenced(err error) bool { return errors.Is(err, own.ErrFenced) }

// RefusedToken is the token under which what a source could not read is stored.
func RefusedToken(source string) string { return event.Token("source:" + source) }

// SourceCursors are those of all sources that have ever begun, by name.
func SourceCursors(ctx context.Context, js natsjs.JetStream, layout Layout) (map[string]SourceCursor, error) {
	layout = layout.WithDefaults()
	ctx, cancel := bounded(ctx)
	defer cancel()
	stream, err := js.Stream(ctx, layout.Stream)
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", layout.Stream, err)
	}
	info, err := stream.Info(ctx, natsjs.WithSubjectFilter(layout.sourceSubject("*")))
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", layout.Stream, err)
	}
	cursors := map[string]SourceCursor{}
	for subject := range info.State.Subjects {
		name := strings.TrimPrefix(subject, layout.sourceSubject(""))
		cursor, found, err := NewSourceWriter(js, layout, name).Cursor(ctx)
		if err != nil {
			return nil, err
		}
		if found {
			cursors[name] = cursor
		}
	}

	return cursors, nil
}
