package parquettext

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// magic begins and ends a Parquet file.
var magic = []byte("PAR1")

// Is tells a Parquet file by its first bytes.
func Is(begin []byte) bool { return bytes.HasPrefix(begin, magic) }

// Bounds of a file.
const (
	maxColumns  = 4096
	rowsAtATime = 256
)

// Reader is the text. It belongs to one goroutine.
type Reader struct {
	columns []column
	groups  []parquet.RowGroup // that follow
	rows    parquet.Rows       // of the one that is read; nil between two
	buffer  []parquet.Row
	text    []byte // what is left of the text
	scratch []byte // its memory
	cell    []byte
	err     error
}

// column is a leaf of the schema.
type column struct {
	name   string
	repeat bool // a row may have several values
	write  func(dst []byte, v parquet.Value) []byte
}

// New reads a file of size bytes. The error says what is wrong with the file.
func New(file io.ReaderAt, size int64) (r *Reader, err error) {
	defer recovered(&err)
	if err := checkFooter(file, size); err != nil {
		return nil, err
	}
	opened, err := parquet.OpenFile(file, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("it begins as a Parquet file, and can't be read as one: %w; is it complete?", err)
	}
	if err := checkPacking(opened); err != nil {
		return nil, err
	}
	r = &Reader{groups: opened.RowGroups(), buffer: make([]parquet.Row, rowsAtATime)}
	schema := opened.Schema()
	paths := schema.Columns()
	if len(paths) > maxColumns {
		return nil, fmt.Errorf("the Parquet file has %d columns, the limit is %d; write those that events need", len(paths), maxColumns)
	}
	for i, path := range paths {
		leaf, ok := schema.Lookup(path...)
		if !ok || leaf.ColumnIndex != i {
			return nil, fmt.Errorf("column %s of the Parquet file is not where its schema says", strings.Join(path, "."))
		}
		write, err := writerOf(leaf.Node.Type())
		if err != nil {
			return nil, fmt.Errorf("column %s of the Parquet file: %w", strings.Join(path, "."), err)
		}
		r.columns = append(r.columns, column{nameOf(path), leaf.MaxRepetitionLevel > 0, write})
	}
	for i := range r.columns {
		r.appendText([]byte(r.columns[i].name), i)
	}
	r.text = r.scratch

	return r, nil
}

// checkFooter makes sure that the file is as long as its footer says: the footer is read
// as a whole, whatever its length.
func checkFooter(file io.ReaderAt, size int64) error {
	var tail [8]byte // the footer's length, and the magic
	if size < int64(len(magic)+len(tail)) {
		return nil // what is wrong with it is said by who opens it
	}
	if _, err := file.ReadAt(tail[:], size-int64(len(tail))); err != nil {
		return fmt.Errorf("the end of the Parquet file can't be read: %w", err)
	}
	footer, room := int64(binary.LittleEndian.Uint32(tail[:])), size-int64(len(magic)+len(tail))
	if bytes.Equal(tail[4:], magic) && footer > room {
		return fmt.Errorf("the Parquet file says that it ends with a footer of %d bytes, and holds %d; is it complete?", footer, room)
	}

	return nil
}

// nameOf is the path of a column without the steps that say that a list is one.
func nameOf(path []string) string {
	var names []string
	for i, step := range path {
		inList := i > 0 && (step == "list" || step == "bag" || step == "key_value") ||
			i > 1 && (step == "element" || step == "item" || step == "array_element") && slices.Contains([]string{"list", "bag"}, path[i-1])
		if !inList {
			names = append(names, step)
		}
	}

	return strings.Join(names, ".")
}

// Read reads the text.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.text) == 0 {
		if r.err == nil {
			r.err = r.more()
		}
		if r.err != nil {
			return 0, r.err
		}
	}
	n := copy(p, r.text)
	r.text = r.text[n:]

	return n, nil
}

// more writes the text of the next rows. io.EOF ends the file.
func (r *Reader) more() (err error) {
	defer recovered(&err)
	if r.rows == nil {
		if len(r.groups) == 0 {
			return io.EOF
		}
		r.rows, r.groups = r.groups[0].Rows(), r.groups[1:]
	}
	n, err := r.rows.ReadRows(r.buffer)
	r.scratch = r.scratch[:0]
	for i := range r.buffer[:n] {
		r.row(r.buffer[i])
	}
	r.text = r.scratch
	if errors.Is(err, io.EOF) {
		err = r.endGroup()
	}
	if err != nil {
		return fmt.Errorf("the Parquet file is broken: %w", err)
	}

	return nil
}

func (r *Reader) endGroup() error {
	err := r.rows.Close()
	r.rows = nil

	return err
}

func (r *Reader) row(row parquet.Row) {
	next := 0
	row.Range(func(i int, values []parquet.Value) bool {
		for ; next < i; next++ { // a column without a value of this row
			r.appendText(nil, next)
		}
		r.cell = r.cell[:0]
		if c := &r.columns[i]; c.repeat {
			r.cell = c.appendList(r.cell, values)
		} else if len(values) > 0 && !values[0].IsNull() {
			r.cell = c.write(r.cell, values[0])
		}
		r.appendText(r.cell, i)
		next = i + 1

		return true
	})
	for ; next < len(r.columns); next++ {
		r.appendText(nil, next)
	}
}

// appendText writes the cell of a column, and what stands behind it.
func (r *Reader) appendText(text []byte, i int) {
	switch {
	case len(text) == 0 && len(r.columns) == 1:
		r.scratch = append(r.scratch, `""`...) // an empty line would be no row
	case bytes.ContainsAny(text, "\",\r\n;\t|"):
		r.scratch = append(r.scratch, '"')
		r.scratch = append(r.scratch, bytes.ReplaceAll(text, []byte{'"'}, []byte(`""`))...)
		r.scratch = append(r.scratch, '"')
	default:
		r.scratch = append(r.scratch, text...)
	}
	if i == len(r.columns)-1 {
		r.scratch = append(r.scratch, '\n')
	} else {
		r.scratch = append(r.scratch, ',')
	}
}

// Close gives back what reading took. It does not close the file.
func (r *Reader) Close() error {
	r.err = errors.Join(io.ErrClosedPipe, r.err)
	if r.rows == nil {
		return nil
	}

	return r.endGroup()
}

// recovered makes an error of a panic: the library panics at some broken files.
func recovered(err *error) {
	if value := recover(); value != nil {
		*err = fmt.Errorf("the Parquet file is broken: %v", value)
	}
}

// checkPacking refuses files whose unpacking a broken one could let take all memory.
func checkPacking(file *parquet.File) error {
	for _, group := range file.Metadata().RowGroups {
		for i := range group.Columns {
			switch codec := group.Columns[i].MetaData.Codec; codec {
			case format.Uncompressed, format.Snappy, format.Gzip, format.Zstd, format.Brotli:
			default:
				return fmt.Errorf("the Parquet file is packed with %s; write it with zstd, snappy or gzip", codec)
			}
		}
	}

	return nil
}
