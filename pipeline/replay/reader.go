package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxBodyBytes is how much of a row is published. What is longer than an event
// may be becomes a dead letter, and a message has a limit too.
const maxBodyBytes = 512 << 10

// ReadOptions are what a row depends on beside file and mapping.
type ReadOptions struct {
	Digest  string // of the file; ids are made of it
	ShiftMS int64  // added to all times and clocks
	Clock   int64  // before the first row, Unix ms, shifted

	// Timeline says which rows can't be believed and in which order they are
	// read; nil for all, in the order of the file.
	Timeline *Timeline

	scan      *timeliner // what is made of the rows' times; nil for nothing
	timesOnly bool       // rows need no more than times and clocks

	// Joins says whose rows with an anonymous id alone are; nil for nobody's.
	Joins *Joins

	// Groups says which rows are one event; nil where each is its own.
	Groups *Groups

	grouping *Groups // is told of rows, to become Groups; nil for nobody

	// people is told of rows with an anonymous id, and of their customer if they
	// have one, instead; nil for nobody.
	people func(row *Row, anonymous, customer []byte)
}

// Reader reads a file row by row. No row is left out, but for those that are part of
// another's event by Groups: one that can't be understood comes with its Problem and a body that becomes a dead letter.
type Reader struct {
	source  Source
	mapping *Mapping
	options ReadOptions
	file    io.Closer
	lines   *lineBuffer
	next    func(*Row) error // of the format

	times     *timeParser
	arrival   bool // rows say when they became known
	constants [fieldCount][]byte
	empty     *emptyCells
	unnamed   []string // columns that no field takes
	nobody    []byte   // what stood where the row's customer should be
	trims     bool
	encoding  string // of the file
	types     map[string][]byte
	foreigns  *foreignRows // nil for formats of ebb's own

	timeline  *Timeline
	cursor    int        // in the timeline's rows
	scan      *timeliner // what is made of the rows' times; nil for nothing
	timesOnly bool       // rows have times and clocks only
	joins     *Joins
	people    func(row *Row, anonymous, customer []byte)
	groups    *Groups
	grouping  *Groups
	joined    int64 // rows that got the customer of their anonymous id
	order     *sortedRows

	draft    draft
	number   int64
	key      int64 // of the last row that had one
	clock    int64
	bad      int64
	scratch  []byte
	chunk    []byte // bodies are cut from it
	customer []byte
	doubt    []byte
}

// NewReader opens the file and checks that it has the columns of the mapping.
func NewReader(source Source, mapping *Mapping, options ReadOptions) (*Reader, error) {
	file, err := source.open()
	if err != nil {
		return nil, err
	}
	r, err := newReader(source, mapping, options, file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	r.file = file

	return r, nil
}

func newReader(source Source, mapping *Mapping, options ReadOptions, text io.Reader) (*Reader, error) {
	times, err := mapping.Time.parser()
	if err != nil {
		return nil, fmt.Errorf("mapping %s: time: %w", mapping.Name, err)
	}
	r := &Reader{source: source, mapping: mapping, options: options, times: times, clock: options.Clock, timeline: options.Timeline, scan: options.scan, timesOnly: options.timesOnly}
	r.joins, r.people = options.Joins, options.people
	r.groups, r.grouping = options.Groups, options.grouping
	if r.timeline != nil {
		r.key = r.timeline.First
	}
	r.arrival = mapping.Fields[fieldArrival.String()] != ""
	r.empty, r.trims = newEmptyCells(mapping.Nulls), !mapping.KeepBlanks
	r.types = make(map[string][]byte, len(mapping.Types))
	for from, to := range mapping.Types {
		r.types[from] = []byte(to)
	}
	for name, value := range mapping.Constants {
		f, _ := fieldOf(name)
		r.constants[f] = []byte(value)
	}
	if err := r.begin(text); err != nil {
		return nil, fmt.Errorf("%s: %w", source.Name, err)
	}

	return r, nil
}

func (r *Reader) begin(file io.Reader) error {
	begin, file := peeked(file)
	r.encoding = encodingOf(r.mapping.Encoding, begin)
	file, err := asText(decoded(file, r.mapping.Encoding))
	if err != nil {
		return err
	}
	r.draft.numbers = r.mapping.Numbers
	switch r.mapping.Format {
	case CSV:
		return r.beginCSV(file)
	case NDJSON:
		r.beginNDJSON(asLines(file))
	case Native:
		r.beginNative(asLines(file))
	case Segment, CloudEvents, Auto:
		r.beginForeign(asLines(file))
	}

	return nil
}

// Next reads the next row. io.EOF ends the file; any other error means that
// the file can't be read further.
func (r *Reader) Next(row *Row) error {
	if r.timeline == nil || !r.timeline.Sorted {
		return r.nextInFile(row)
	}
	if r.order == nil {
		if err := r.sort(); err != nil {
			return err
		}
	}

	return r.order.next(row)
}

// nextInFile reads the next row as the file has it. Those that went into the event of
// another are passed over.
func (r *Reader) nextInFile(row *Row) error {
	for {
		if err := r.nextOfAny(row); err != nil || !row.merged {
			return err
		}
	}
}

func (r *Reader) nextOfAny(row *Row) error {
	*row = Row{Number: r.number + 1}
	r.draft.reset()
	if err := r.next(row); err != nil {
		if errors.Is(err, io.EOF) && r.lines.failure() == nil {
			return io.EOF
		}

		return fmt.Errorf("read %s behind row %d: %w; is the file complete?", r.source.Name, r.number, err)
	}
	r.number++
	row.Clock, row.line = r.clock, r.lines.row
	if row.key == 0 {
		row.key = r.key // of a row that is no event
	}
	if row.Problem != nil {
		r.bad++
	}

	return nil
}

// Bad is how many rows so far had a problem.
func (r *Reader) Bad() int64 { return r.bad }

// Joined is how many rows so far got the customer of their anonymous id. A file
// that is sorted is read as a whole at first.
func (r *Reader) Joined() int64 { return r.joined }

// Bytes is how many uncompressed bytes have been read into rows.
func (r *Reader) Bytes() int64 { return r.lines.taken }

// Close closes the file, and removes what sorting it took.
func (r *Reader) Close() error {
	if r.order == nil {
		return r.file.Close()
	}

	return errors.Join(r.order.close(), r.file.Close())
}

// report notes the row's first problem.
func (r *Reader) report(row *Row, err error) {
	if row.Problem != nil {
		return
	}
	line := row.line
	if line == 0 { // it is being read
		line = r.lines.row
	}
	problem := &RowError{Source: r.source.Name, Row: row.Number, Line: line, Err: err}
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
