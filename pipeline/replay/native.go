package replay

import (
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

func (r *Reader) beginNative(file io.Reader) {
	rows := &jsonLines{lines: newLineBuffer(file)}
	r.lines = rows.lines
	native := &nativeRow{reader: r, arrival: r.mapping.Fields["arrival"]}
	r.next = r.jsonNext(rows, func(row *Row) error { return native.take(row, rows.raw) })
}

// nativeRow passes a native event on as it is, but for what an import changes:
// an id where there is none, and times where they are shifted.
type nativeRow struct {
	reader  *Reader
	arrival string // the member that is the clock, if any
	walker  jsonWalker
	edits   []edit
	members int
	id      bool // the member is there, null or not
	time    edit // where the time stands; none where it is missing
	before  int  // edits before it
	who     edit // where the customer stands, null included; none where it is missing
	odd     bool // an id is no string, so the event will be refused
}

// edit replaces the bytes from, up to to.
type edit struct {
	from, to int
	text     []byte
}

func (n *nativeRow) take(row *Row, raw []byte) error {
	n.edits, n.members, n.id, n.time = n.edits[:0], 0, false, edit{}
	n.who, n.odd = edit{}, false
	err := n.walker.object(raw, func(name, value []byte) error {
		n.member(row, name, value, n.walker.end())

		return nil
	})
	if err != nil {
		return err
	}
	r := n.reader
	r.follow(row)
	joined := !n.odd && r.join(row)
	r.who(row)
	if r.timesOnly {
		return nil
	}
	if row.Doubt != Believed {
		n.doubt(row)
	}
	if !row.Timed && len(r.draft.text[fieldTime]) > 0 {
		r.report(row, r.notTime(fieldTime))
	}
	body, from := append(r.scratch[:0], '{'), 1
	if !n.id {
		body = r.appendRowID(append(body, `"id":`...), row)
		if n.members > 0 {
			body = append(body, ',')
		}
	}
	if joined {
		body = n.join(body)
	}
	for _, e := range n.edits {
		body = append(append(body, raw[from:e.from]...), e.text...)
		from = e.to
	}
	r.scratch = append(body, raw[from:]...)
	r.finish(row, r.scratch)

	return nil
}

// join writes the customer that the row got: in the place of a null, or in front
// of the members, of which there is at least the anonymous id.
func (n *nativeRow) join(body []byte) []byte {
	customer := n.reader.draft.text[fieldCustomer]
	if n.who.to == 0 {
		return append(appendString(append(body, `"customer":`...), customer), ',')
	}
	n.who.text = appendString(nil, customer)
	i := slices.IndexFunc(n.edits, func(e edit) bool { return e.from > n.who.from })
	if i < 0 {
		i = len(n.edits)
	}
	n.edits = slices.Insert(n.edits, i, n.who)

	return body
}

// doubt replaces the time by why it can't be believed.
func (n *nativeRow) doubt(row *Row) {
	if n.time.to == 0 {
		return // nothing to doubt: the event has no time
	}
	n.time.text = n.reader.appendDoubt(nil, row.Doubt)
	after := n.edits[n.before:]
	if len(after) > 0 && after[0].from == n.time.from { // it was shifted
		after[0] = n.time

		return
	}
	n.edits = slices.Insert(n.edits, n.before, n.time)
}

// member looks at a member whose value ends at the offset end.
func (n *nativeRow) member(row *Row, name, value []byte, end int) {
	r := n.reader
	n.members++
	if n.arrival != "" && string(name) == n.arrival {
		r.draft.setJSON(fieldArrival, value)
	}
	f, ok := fieldOf(string(name))
	if !ok || f >= fieldProperties {
		return
	}
	r.draft.setJSON(f, value)
	replace := func(text []byte) { n.edits = append(n.edits, edit{end - len(value), end, text}) }
	null := jsontext.Value(value).Kind() == 'n'
	switch f {
	case fieldID:
		n.id, row.OwnID, row.ID = true, !null, r.draft.text[f]
		if null {
			replace(r.appendRowID(nil, row))
		}
	case fieldCustomer, fieldAnonymousID:
		if f == fieldCustomer {
			n.who = edit{from: end - len(value), to: end}
		}
		n.odd = n.odd || !null && value[0] != '"'
	case fieldValue:
		row.HasAmount = !null
	case fieldTime, fieldReceivedAt:
		if f == fieldTime {
			n.time, n.before = edit{from: end - len(value), to: end}, len(n.edits)
		}
		if ms, ok := r.times.parse(r.draft.text[f]); ok && r.options.ShiftMS != 0 {
			replace(append(appendTime([]byte{'"'}, ms+r.options.ShiftMS), '"'))
		}
	}
}
