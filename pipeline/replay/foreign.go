package replay

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ebb/pipeline/event"
	"ebb/pipeline/format"
	"ebb/pipeline/format/native"
)

// Formats of files whose lines are events of others: see package format. One line
// may hold several.
const (
	Segment     Format = Format(format.Segment)
	CloudEvents Format = Format(format.CloudEvents)
	Auto        Format = Format(format.Auto)
)

// isForeign tells the formats that package format reads.
func (f Format) isForeign() bool { return f == Segment || f == CloudEvents || f == Auto }

// isEvents tells the formats whose lines are events already.
func (f Format) isEvents() bool { return f == Native || f.isForeign() }

// Know tells the mapping which types the vocabulary has, for formats that name types
// otherwise. Without it, names of types stay as they are.
func (m *Mapping) Know(types format.Types) { m.known = types }

// foreignRow is one event of a line, in ebb's own format.
type foreignRow struct {
	body    []byte
	refusal *event.Refusal // then the body is as it was
	ownID   bool
}

// foreignRows are the events of a file of lines of a foreign format.
type foreignRows struct {
	lines  *jsonLines
	reader *format.Reader
	native *native.Decoder
	event  event.Event
	queue  []foreignRow // of the line that is being read
	arena  []byte
	prefix []byte
	line   int64          // so many had events
	others map[string]int // names of types that count as track
}

func (r *Reader) beginForeign(file io.Reader) {
	rows := &foreignRows{
		lines:  &jsonLines{lines: newLineBuffer(file)},
		reader: format.NewReader(format.Format(r.mapping.Format), r.mapping.known),
		native: native.NewDecoder(0),
		prefix: append([]byte(r.options.Digest), '-'),
		others: make(map[string]int),
	}
	r.lines, r.foreigns = rows.lines.lines, rows
	into := &nativeRow{reader: r, arrival: r.mapping.Fields["arrival"]}
	r.next = func(row *Row) error {
		next, err := rows.next()
		var refused error
		switch {
		case errors.Is(err, errLongRow):
			next.body, refused, err = rows.lines.raw, err, nil
		case err == nil && next.refusal != nil:
			refused = next.refusal
		}
		if err != nil {
			return err
		}
		if refused != nil {
			r.raw(row, next.body, refused)

			return nil
		}
		if err := into.take(row, next.body); err != nil {
			r.draft.reset()
			r.raw(row, next.body, err)
		}
		row.OwnID = row.OwnID && next.ownID

		return nil
	}
}

// next is the next event, or why there is none.
func (f *foreignRows) next() (foreignRow, error) {
	for len(f.queue) == 0 {
		if err := f.lines.next(); err != nil {
			return foreignRow{}, err
		}
		f.line++
		f.arena, f.queue = f.arena[:0], f.queue[:0]
		id := strconv.AppendInt(f.prefix[:len(f.prefix):len(f.prefix)], f.line, 10)
		m := &format.Message{Data: f.lines.raw, Origin: event.Origin{ID: id}}
		if err := f.reader.Read(m, f.take); err != nil {
			return foreignRow{}, err
		}
	}
	next := f.queue[0]
	f.queue = f.queue[1:]

	return next, nil
}

// take keeps an event of the line.
func (f *foreignRows) take(item *format.Item) error {
	if item.Refuse != nil {
		body := item.Raw
		if err := f.native.Decode(body, &f.event); err == nil { // shards would take it
			body = append(append([]byte{'['}, body...), ']')
		}
		f.queue = append(f.queue, foreignRow{body: body, refusal: item.Refuse})

		return nil
	}
	from := len(f.arena)
	f.arena = native.AppendEvent(f.arena, item.Event)
	f.queue = append(f.queue, foreignRow{
		body: f.arena[from:len(f.arena):len(f.arena)], ownID: !bytes.HasPrefix(item.Event.ID, f.prefix),
	})
	for _, m := range item.Event.Extra {
		if string(m.Name) == "event" && string(item.Event.Type) == "track" && len(f.others) < mostOthers {
			f.others[strings.Trim(string(m.Value), `"`)]++
		}
	}

	return nil
}

// mostOthers bounds the names of types that are counted.
const mostOthers = 1000

// shownOthers is how many of them are named.
const shownOthers = 8

// Others says which names of events the vocabulary lacks, so that they count as track;
// "" for none.
func (r *Reader) Others() string {
	if r.foreigns == nil || len(r.foreigns.others) == 0 {
		return ""
	}
	others := r.foreigns.others
	names := slices.SortedFunc(maps.Keys(others), func(a, b string) int {
		return cmp.Or(cmp.Compare(others[b], others[a]), cmp.Compare(a, b))
	})
	shown := make([]string, min(len(names), shownOthers))
	rows := 0
	for i, name := range names {
		rows += others[name]
		if i < len(shown) {
			shown[i] = fmt.Sprintf("%s %d", name, others[name])
		}
	}
	more := ""
	if len(names) > len(shown) {
		more = fmt.Sprintf(" and %d more names", len(names)-len(shown))
	}

	return fmt.Sprintf("%d events have names that the vocabulary lacks, and count as the type track (passive): %s%s; "+
		"name their kind in the setting vocabulary, such as %s=active", rows, strings.Join(shown, ", "), more, names[0])
}
