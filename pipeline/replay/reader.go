package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ebb/pipeline"
)

// maxBodyBytes is how much of a row is published. What is longer than an event
// may be becomes a dead letter, and a message has a limit too.
const maxBodyBytes = 512 << 10

// ReadOptions are what a row depends on beside file and mapping.
type ReadOptions struct {
	Digest  string // of the file; ids are made of it
	ShiftMS int64  // added to all times and clocks
	Clock   int64  // before the first row, Unix ms, shifted
}

// Reader reads a file row by row. No row is left out: one that can't be
// understood comes with its Problem and a body that becomes a dead letter.
type Reader struct {
	source  Source
	mapping *Mapping
	options ReadOptions
	file    io.Closer
	lines   *lineBuffer
	next    func(*Row) error // of the format

	times     *timeParser
	constants [fieldCount][]byte
	types     map[string][]byte

	draft    draft
	number   int64
	clock    int64
	bad      int64
	scratch  []byte
	chunk    []byte // bodies are cut from it
	customer []byte
}

// NewReader opens the file and checks that it has the columns of the mapping.
func NewReader(source Source, mapping *Mapping, options ReadOptions) (*Reader, error) {
	times, err := mapping.Time.parser()
	if err != nil {
		return nil, fmt.Errorf("mapping %s: time: %w", mapping.Name, err)
	}
	file, err := source.open()
	if err != nil {
		return nil, err
	}
	r := &Reader{source: source, mapping: mapping, options: options, file: file, times: times, clock: options.Clock}
	r.types = make(map[string][]byte, len(mapping.Types))
	for from, to := range mapping.Types {
		r.types[from] = []byte(to)
	}
	for name, value := range mapping.Constants {
		f, _ := fieldOf(name)
		r.constants[f] = []byte(value)
	}
	if err := r.begin(file); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", source.Name, err), file.Close())
	}

	return r, nil
}

func (r *Reader) begin(file io.Reader) error {
	switch r.mapping.Format {
	case CSV:
		return r.beginCSV(file)
	case NDJSON:
		r.beginNDJSON(file)
	case Native:
		r.beginNative(file)
	}

	return nil
}

// Next reads the next row. io.EOF ends the file; any other error means that
// the file can't be read further.
func (r *Reader) Next(row *Row) error {
	*row = Row{Number: r.number + 1}
	r.draft.reset()
	if err := r.next(row); err != nil {
		if errors.Is(err, io.EOF) && r.lines.failure() == nil {
			return io.EOF
		}

		return fmt.Errorf("read %s behind row %d: %w; is the file complete?", r.source.Name, r.number, err)
	}
	r.number++
	row.Clock = r.clock
	if row.Problem != nil {
		r.bad++
	}

	return nil
}

// Bad is how many rows so far had a problem.
func (r *Reader) Bad() int64 { return r.bad }

// Bytes is how many uncompressed bytes have been read into rows.
func (r *Reader) Bytes() int64 { return r.lines.taken }

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }

// report notes the row's first problem.
func (r *Reader) report(row *Row, err error) {
	if row.Problem != nil {
		return
	}
	problem := &RowError{Source: r.source.Name, Row: row.Number, Line: r.lines.row, Err: err}
	var cell *cellError
	if errors.As(err, &cell) {
		cell.value = bytes.Clone(cell.value[:min(len(cell.value), 60)])
		problem.Column = r.mapping.Fields[cell.field.String()]
	}
	row.Problem = problem
}

// raw passes the row on as it is, to become a dead letter.
func (r *Reader) raw(row *Row, text []byte, err error) {
	r.report(row, err)
	row.Body = r.keep(text)
}

// keep copies a body into memory of its own.
func (r *Reader) keep(body []byte) []byte {
	body = body[:min(len(body), maxBodyBytes)]
	if len(body) > cap(r.chunk)-len(r.chunk) {
		r.chunk = make([]byte, 0, max(256<<10, len(body)))
	}
	from := len(r.chunk)
	r.chunk = append(r.chunk, body...)

	return r.chunk[from:len(r.chunk):len(r.chunk)]
}

// event turns the draft into a native event.
func (r *Reader) event(row *Row) {
	d := &r.draft
	for f := range fieldCount {
		if len(d.text[f]) == 0 && (f != fieldCurrency || len(d.text[fieldValue]) > 0) {
			d.text[f] = r.constants[f]
		}
	}
	row.OwnID, row.ID = len(d.text[fieldID]) > 0, d.text[fieldID]
	row.HasAmount = len(d.text[fieldValue]) > 0
	if to, ok := r.types[string(d.text[fieldType])]; ok {
		d.text[fieldType] = to
	}
	r.follow(row)

	body := append(r.scratch[:0], '{')
	body = r.appendID(body, row)
	for f := fieldTime; f < fieldProperties; f++ {
		if len(d.text[f]) == 0 {
			continue
		}
		body = append(append(append(body, ",\""...), f.String()...), "\":"...)
		if f.kind() == kindTime {
			body = r.appendMoment(body, f, row)

			continue
		}
		var err error
		if body, err = d.appendField(body, f); err != nil {
			r.report(row, err)
		}
	}
	body = r.appendProperties(body, row)
	r.scratch = append(body, '}')
	r.finish(row, r.scratch)
}

// follow reads what the record around the event needs: customer, type and clock.
func (r *Reader) follow(row *Row) {
	d := &r.draft
	row.Type = d.text[fieldType]
	row.Customer = d.text[fieldCustomer]
	if len(row.Customer) == 0 && len(d.text[fieldAnonymousID]) > 0 {
		r.customer = append(append(r.customer[:0], pipeline.AnonymousPrefix...), d.text[fieldAnonymousID]...)
		row.Customer = r.customer
	}
	if ms, ok := r.times.parse(d.text[fieldTime]); ok {
		row.Time, row.Timed = ms+r.options.ShiftMS, true
	}
	clock, known := row.Time, row.Timed
	if r.mapping.Fields["arrival"] != "" {
		clock, known = r.times.parse(d.text[fieldArrival])
		clock += r.options.ShiftMS
		if !known && len(d.text[fieldArrival]) > 0 {
			r.report(row, r.notTime(fieldArrival))
		}
	}
	if known {
		r.clock = max(r.clock, clock)
	}
}

func (r *Reader) notTime(f field) error {
	return &cellError{f, r.draft.text[f], "not a time of 1970 to 2200 in the format " + r.times.names(),
		"name the format of the file in the mapping under time.formats"}
}

// appendID appends the first member of the event.
func (r *Reader) appendID(body []byte, row *Row) []byte {
	body = append(body, `"id":`...)
	if row.OwnID {
		var err error
		if body, err = r.draft.appendField(body, fieldID); err != nil {
			r.report(row, err)
		}

		return body
	}

	return r.appendRowID(body, row)
}

// appendRowID appends the id of a row that has none: it is the same in every
// import of the same bytes, and another for every row.
func (r *Reader) appendRowID(body []byte, row *Row) []byte {
	body = append(append(append(body, '"'), r.options.Digest...), '-')

	return append(strconv.AppendInt(body, row.Number, 10), '"')
}

// appendMoment appends time or received_at. One that can't be read is passed
// on as it is and makes the event a dead letter.
func (r *Reader) appendMoment(body []byte, f field, row *Row) []byte {
	ms, ok := row.Time-r.options.ShiftMS, row.Timed
	if f != fieldTime {
		ms, ok = r.times.parse(r.draft.text[f])
	}
	if !ok {
		r.report(row, r.notTime(f))

		return appendString(body, r.draft.text[f])
	}

	return append(appendTime(append(body, '"'), ms+r.options.ShiftMS), '"')
}

func (r *Reader) appendProperties(body []byte, row *Row) []byte {
	d := &r.draft
	if len(d.text[fieldProperties]) > 0 {
		var err error
		if body, err = d.appendField(append(body, `,"properties":`...), fieldProperties); err != nil {
			r.report(row, err)
		}

		return body
	}
	if len(d.properties) == 0 {
		return body
	}
	if !utf8.Valid(d.properties) {
		r.report(row, errors.New("a column of the properties is not UTF-8; convert the file to UTF-8"))
	}
	body = append(body, `,"properties":{`...)
	body = append(body, d.properties[:len(d.properties)-1]...) // without the last comma

	return append(body, '}')
}

// finish checks what every row needs, by the verdicts of the shards.
func (r *Reader) finish(row *Row, body []byte) {
	d := &r.draft
	row.Mapped = true
	for _, f := range []field{fieldTime, fieldType} {
		if len(d.text[f]) == 0 {
			r.report(row, &cellError{f, nil, "empty", "every event needs a " + f.String()})
		}
	}
	if len(row.Customer) == 0 {
		r.report(row, &cellError{fieldCustomer, nil, "empty", "every event needs a customer or an anonymous_id"})
	}
	if len(body) > pipeline.MaxEventBytes {
		r.report(row, fmt.Errorf("the event has %d bytes, the limit is %d; leave columns out with ignore or rest: drop",
			len(body), pipeline.MaxEventBytes))
	}
	row.Body = r.keep(body)
}

// missing says which column of the mapping the file lacks.
func missing(m *Mapping, f field, column string, header []string) error {
	return fmt.Errorf("the file has no column %q, which the mapping %s takes for %s; its columns are %s; %s, or choose another mapping",
		column, m.Name, f, strings.Join(header, ", "), suggest(column, slices.Clone(header)))
}
