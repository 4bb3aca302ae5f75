package replay

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// csvRows splits a file by RFC 4180, with two kindnesses: a quotation mark
// inside a cell that isn't quoted stands for itself, and lines may end in \n
// alone. Empty lines are no rows. Unlike encoding/csv it keeps the bytes of a
// row, and after a quotation mark that is never closed it goes on with the
// next line instead of swallowing the rest of the file.
type csvRows struct {
	lines   *lineBuffer
	comma   byte
	raw     []byte
	cells   [][]byte
	spans   []span
	scratch []byte
}

// span is a cell: a part of the row, or of scratch where quotes were doubled.
type span struct {
	from, to int
	scratch  bool
}

var (
	errOpenQuote  = errors.New(`a quotation mark is not closed; double it ("") where it belongs to the text`)
	errAfterQuote = errors.New(`text follows a closing quotation mark; double the mark ("") where it belongs to the text`)
	errLongRow    = fmt.Errorf("the row is longer than %d bytes; is the delimiter or the line break another one?", MaxRowBytes)
)

// delimiters are what may part the columns of a file whose mapping doesn't say.
const delimiters = ",;\t|"

// newCSVRows parts the columns at comma, or, where that is 0, at the delimiter
// that the first row has most of.
func newCSVRows(in io.Reader, comma byte) *csvRows {
	return &csvRows{lines: newLineBuffer(in), comma: comma}
}

// next reads a row into cells and raw, valid until the next call. errOpenQuote,
// errAfterQuote and errLongRow concern this row only; its line is in raw, or
// the beginning of it. io.EOF ends the file.
func (c *csvRows) next() error {
	for {
		content, next, ended := c.lines.lineEnd(0)
		c.lines.row = c.lines.line
		if next > MaxRowBytes {
			return c.tooLong()
		}
		if !ended {
			if err := c.lines.failure(); err != nil {
				return err
			}
			if next == 0 {
				return io.EOF
			}
		}
		if line := bytes.TrimSuffix(c.lines.bytes()[:content], []byte{'\r'}); len(line) > 0 {
			if c.comma == 0 {
				c.comma = likelyDelimiter(line)
			}

			return c.row(content, next)
		}
		c.lines.take(next)
	}
}

// likelyDelimiter is the delimiter that a line has most of outside of quotation
// marks; a comma where it has none.
func likelyDelimiter(line []byte) byte {
	var counts [len(delimiters)]int
	quoted := false
	for _, b := range line {
		if b == '"' {
			quoted = !quoted
		}
		if i := strings.IndexByte(delimiters, b); i >= 0 && !quoted {
			counts[i]++
		}
	}
	most := 0
	for i, n := range counts {
		if n > counts[most] {
			most = i
		}
	}

	return delimiters[most]
}

func (c *csvRows) tooLong() error {
	c.raw = bytes.Clone(c.lines.bytes()[:MaxRowBytes])
	c.lines.skipLine()

	return errLongRow
}

func (c *csvRows) row(content, next int) error {
	line := c.lines.bytes()[:content]
	if bytes.IndexByte(line, '"') >= 0 {
		return c.quotedRow(next)
	}
	line = bytes.TrimSuffix(line, []byte{'\r'})
	c.raw = line
	c.cells = c.cells[:0]
	for {
		i := bytes.IndexByte(line, c.comma)
		if i < 0 {
			break
		}
		c.cells = append(c.cells, line[:i])
		line = line[i+1:]
	}
	c.cells = append(c.cells, line)
	c.lines.take(next)

	return nil
}

// quotedRow reads a row that has quotation marks, and so perhaps line breaks.
func (c *csvRows) quotedRow(firstLine int) error {
	c.spans, c.scratch = c.spans[:0], c.scratch[:0]
	for offset, last := 0, false; !last; {
		var err error
		if offset, last, err = c.cell(offset); err != nil {
			c.raw = c.lines.bytes()[:firstLine]
			c.lines.take(firstLine)

			return err
		}
		if last {
			c.raw = c.lines.bytes()[:offset]
		}
	}
	if len(c.raw) > MaxRowBytes {
		c.raw = c.raw[:firstLine]
		c.lines.take(firstLine)

		return errLongRow
	}
	c.cells = c.cells[:0]
	for _, s := range c.spans {
		text := c.raw
		if s.scratch {
			text = c.scratch
		}
		c.cells = append(c.cells, text[s.from:s.to])
	}
	c.lines.take(len(c.raw))
	c.raw = bytes.TrimRight(c.raw, "\r\n")

	return nil
}

// cell reads the cell at offset and returns where the next one begins, or
// where the row ends.
func (c *csvRows) cell(offset int) (next int, last bool, err error) {
	content, after, _ := c.lines.lineEnd(offset)
	line := c.lines.bytes()[offset:content]
	if len(line) > 0 && line[0] == '"' {
		return c.quotedCell(offset + 1)
	}
	if i := bytes.IndexByte(line, c.comma); i >= 0 {
		c.spans = append(c.spans, span{from: offset, to: offset + i})

		return offset + i + 1, false, nil
	}
	c.spans = append(c.spans, span{from: offset, to: offset + len(bytes.TrimSuffix(line, []byte{'\r'}))})

	return after, true, nil
}

// quotedCell reads a cell whose opening mark is just before offset.
func (c *csvRows) quotedCell(offset int) (next int, last bool, err error) {
	from, doubled := offset, false
	mark := len(c.scratch)
	for {
		i := bytes.IndexByte(c.lines.bytes()[offset:], '"')
		if i < 0 {
			if !c.lines.more() {
				return 0, false, errOpenQuote
			}

			continue // from offset again: cells are short
		}
		closing := offset + i
		if closing >= MaxRowBytes {
			return 0, false, errOpenQuote // how much is held depends on the reader; the verdict must not
		}
		if c.byteAt(closing+1) != '"' {
			cell := span{from: from, to: closing}
			if doubled {
				c.scratch = append(c.scratch, c.lines.bytes()[offset:closing]...)
				cell = span{from: mark, to: len(c.scratch), scratch: true}
			}
			c.spans = append(c.spans, cell)

			return c.afterQuote(closing + 1)
		}
		c.scratch = append(c.scratch, c.lines.bytes()[offset:closing+1]...)
		doubled = true
		offset = closing + 2
	}
}

// afterQuote expects the delimiter or the end of the row.
func (c *csvRows) afterQuote(offset int) (next int, last bool, err error) {
	switch c.byteAt(offset) {
	case c.comma:
		return offset + 1, false, nil
	case '\n':
		return offset + 1, true, nil
	case '\r':
		if c.byteAt(offset+1) == '\n' {
			return offset + 2, true, nil
		}
	case 0:
		if offset == len(c.lines.bytes()) {
			return offset, true, nil
		}
	}

	return 0, false, errAfterQuote
}

// byteAt is 0 behind the end of the file.
func (c *csvRows) byteAt(offset int) byte {
	if offset >= len(c.lines.bytes()) && !c.lines.more() {
		return 0
	}

	return c.lines.bytes()[offset]
}
