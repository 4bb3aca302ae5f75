package replay

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

var errNoHeader = errors.New("the file is empty; the first row of a CSV file names its columns")

func (r *Reader) beginCSV(file io.Reader) error {
	var delimiter byte
	if r.mapping.Delimiter != "" {
		delimiter = r.mapping.Delimiter[0]
	}
	rows := newCSVRows(file, delimiter)
	r.lines = rows.lines
	header, err := readHeader(rows)
	if err != nil {
		return err
	}
	columns, err := r.columns(header)
	if err != nil {
		return err
	}
	r.next = func(row *Row) error {
		err := rows.next()
		switch {
		case errors.Is(err, errOpenQuote), errors.Is(err, errAfterQuote), errors.Is(err, errLongRow):
			r.raw(row, rows.raw, err)

			return nil
		case err != nil:
			return err
		case len(rows.cells) != len(header):
			r.raw(row, rows.raw, fmt.Errorf("%d cells, but the header has %d columns; put text that holds the delimiter %q into quotation marks",
				len(rows.cells), len(header), string(rows.comma)))

			return nil
		}
		for i, cell := range rows.cells {
			columns[i].fill(&r.draft, cell)
		}
		r.event(row)

		return nil
	}

	return nil
}

func readHeader(rows *csvRows) ([]string, error) {
	if err := rows.next(); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errNoHeader
		}

		return nil, fmt.Errorf("the header can't be read: %w", err)
	}
	header := make([]string, len(rows.cells))
	for i, cell := range rows.cells {
		header[i] = strings.TrimSpace(string(cell))
	}

	return header, nil
}

// column says what becomes of a column's cells.
type column struct {
	fields   []field
	property []byte // its name as a JSON string; nil if the column is no property
}

func (c *column) fill(d *draft, cell []byte) {
	if len(cell) == 0 {
		return
	}
	for _, f := range c.fields {
		d.text[f] = cell
	}
	if c.property != nil {
		d.addProperty(c.property, cell)
	}
}

func (r *Reader) columns(header []string) ([]column, error) {
	columns := make([]column, len(header))
	for f := range fieldCount {
		name := r.mapping.Fields[f.String()]
		if name == "" {
			continue
		}
		i, twice := columnOf(header, name)
		if twice {
			return nil, fmt.Errorf("the file has more than one column %q, and the mapping %s takes it for %s; "+
				"rename all but one, or say in a mapping which it is: fields: {%s: %q} for the second", name, r.mapping.Name, f, f, name+"#2")
		}
		if i < 0 && slices.Contains(r.mapping.Optional, f.String()) {
			r.arrival = r.arrival && f != fieldArrival

			continue
		}
		if i < 0 {
			return nil, missing(r.mapping, f, name, header)
		}
		columns[i].fields = append(columns[i].fields, f)
	}
	for i, name := range header {
		kept := !r.timesOnly && r.mapping.Rest == RestProperties && !takesAny(columns[i].fields) && !slices.Contains(r.mapping.Ignore, name)
		if nth := occurrence(header, i); nth > 1 {
			name = fmt.Sprintf("%s#%d", name, nth) // properties have a name each
		}
		if len(columns[i].fields) == 0 {
			r.unnamed = append(r.unnamed, name)
		}
		if kept {
			columns[i].property = appendString(nil, []byte(name))
		}
	}

	return columns, nil
}

// columnOf finds a column by its name; of several with one name the second by
// name#2. twice says that the name alone does not tell.
func columnOf(header []string, name string) (i int, twice bool) {
	if i = slices.Index(header, name); i >= 0 {
		return i, slices.Contains(header[i+1:], name)
	}
	for i := range header {
		if name == fmt.Sprintf("%s#%d", header[i], occurrence(header, i)) {
			return i, false
		}
	}

	return -1, false
}

// occurrence counts the columns with the name of the column at i up to there.
func occurrence(header []string, i int) int {
	n := 1
	for _, name := range header[:i] {
		if name == header[i] {
			n++
		}
	}

	return n
}

func (r *Reader) beginNDJSON(file io.Reader) {
	rows := &jsonLines{lines: newLineBuffer(file)}
	r.lines = rows.lines
	root := new(pathNode)
	for name, path := range r.mapping.Fields {
		f, _ := fieldOf(name)
		root.add(path, f)
	}
	walker := new(jsonWalker)
	visit := func(name, value []byte) error {
		child := root.children[string(name)]
		if child != nil && child.children != nil {
			if err := walker.inside().find(child, value, &r.draft); err != nil {
				return err
			}
		}
		if child != nil && len(child.fields) > 0 {
			for _, f := range child.fields {
				r.draft.setJSON(f, value)
			}
		}
		if taken := child != nil && takesAny(child.fields); !taken && !r.timesOnly && r.mapping.Rest == RestProperties && !slices.Contains(r.mapping.Ignore, string(name)) {
			r.draft.addRawProperty(name, value)
		}

		return nil
	}
	r.next = r.jsonNext(rows, func(row *Row) error {
		if err := walker.object(rows.raw, visit); err != nil {
			return err
		}
		r.event(row)

		return nil
	})
}

// takesAny says whether one of the fields is written into the event: what only tells
// rows apart, or is multiplied, stays a property as well.
func takesAny(fields []field) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f < fieldGroup })
}

// jsonNext reads a line and lets take make an event of it, or passes it on raw.
func (r *Reader) jsonNext(rows *jsonLines, take func(*Row) error) func(*Row) error {
	return func(row *Row) error {
		err := rows.next()
		if err != nil && !errors.Is(err, errLongRow) {
			return err
		}
		if err == nil {
			err = take(row)
		}
		if err != nil {
			r.draft.reset()
			r.raw(row, rows.raw, err)
		}

		return nil
	}
}

// missing says which column of the mapping the file lacks.
func missing(m *Mapping, f field, column string, header []string) error {
	return fmt.Errorf("the file has no column %q, which the mapping %s takes for %s; its columns are %s; %s, or choose another mapping",
		column, m.Name, f, strings.Join(header, ", "), suggest(column, slices.Clone(header)))
}
