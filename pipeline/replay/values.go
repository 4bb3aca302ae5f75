package replay

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// asLines reads a file of JSON as one value a line, however it is written: an array
// of objects, or values over several lines each, which end their first line with a
// comma or an open bracket. A file of lines stays as it is.
func asLines(file io.Reader) io.Reader {
	in := bufio.NewReaderSize(file, firstBytes)
	begin, _ := in.Peek(firstBytes)      // what fails is told by the next read
	text := bytes.Trim(begin, " \t\r\n") // blanks alone behind the first line make no value over several
	first, _, _ := bytes.Cut(text, []byte{'\n'})
	first = bytes.TrimRight(first, " \t\r")
	switch {
	case len(text) == 0:
		return in
	case text[0] == '[' && bytes.HasPrefix(bytes.TrimLeft(text[1:], " \t\r\n"), []byte{'{'}) && (len(first) == len(text) || first[len(first)-1] != ']'):
		return &valueLines{decoder: newValueDecoder(in), array: true}
	case text[0] == '{' && len(first) < len(text) && bytes.IndexByte([]byte("{[,"), first[len(first)-1]) >= 0:
		return &valueLines{decoder: newValueDecoder(in)}
	}

	return in
}

func newValueDecoder(in io.Reader) *jsontext.Decoder {
	return jsontext.NewDecoder(in, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) // which the decoders refuse
}

// valueLines writes each value of a file on a line of its own.
type valueLines struct {
	decoder *jsontext.Decoder
	array   bool
	begun   bool
	line    []byte // what is left of the line
	err     error
}

func (v *valueLines) Read(p []byte) (int, error) {
	for len(v.line) == 0 {
		if v.err == nil {
			v.err = v.value()
		}
		if v.err != nil {
			return 0, v.err
		}
	}
	n := copy(p, v.line)
	v.line = v.line[n:]

	return n, nil
}

// value reads the next value into the line.
func (v *valueLines) value() error {
	if v.array && !v.begun {
		v.begun = true
		if _, err := v.decoder.ReadToken(); err != nil {
			return v.fault(err)
		}
	}
	if v.array && v.decoder.PeekKind() == ']' {
		if _, err := v.decoder.ReadToken(); err != nil {
			return v.fault(err)
		}
		if _, err := v.decoder.ReadToken(); !errors.Is(err, io.EOF) {
			return errors.New("more follows the JSON array; keep one array a file, or one object a line")
		}

		return io.EOF
	}
	value, err := v.decoder.ReadValue()
	if err != nil {
		return v.fault(err)
	}
	value = value.Clone()
	if err := value.Compact(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)); err != nil {
		return v.fault(err)
	}
	v.line = append(value, '\n')

	return nil
}

func (v *valueLines) fault(err error) error {
	if errors.Is(err, io.EOF) && !v.array {
		return io.EOF
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}

	return fmt.Errorf("the JSON of the file is broken: %w", err)
}
