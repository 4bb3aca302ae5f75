package replay

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// byteOrderMark stands at the beginning of some files; it means nothing in UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

// firstBytes is how much of a file tells what it is.
const firstBytes = 64 << 10

// ErrNotText says that a file is no text with a row a line.
var ErrNotText = errors.New("not a file of rows")

// asText reads the file as UTF-8 with line feeds, whatever it is written in:
// without its byte order mark, out of UTF-16, and with a line feed for each
// carriage return where a file has no line feeds. It refuses what is no text.
func asText(file io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(file, firstBytes)
	begin, err := in.Peek(firstBytes)
	if err != nil && !errors.Is(err, io.EOF) && len(begin) == 0 {
		return nil, err
	}
	if what := otherThanText(begin); what != "" {
		return nil, fmt.Errorf("%w: it is %s", ErrNotText, what)
	}
	if order, mark, ok := utf16Of(begin); ok {
		text := transform.NewReader(in, unicode.UTF16(order, mark).NewDecoder())
		in = bufio.NewReaderSize(text, firstBytes)
		if begin, err = in.Peek(firstBytes); err != nil && !errors.Is(err, io.EOF) && len(begin) == 0 {
			return nil, err
		}
	}
	if bytes.HasPrefix(begin, byteOrderMark) {
		if _, err := in.Discard(len(byteOrderMark)); err != nil {
			return nil, err
		}
	}
	if bytes.IndexByte(begin, '\n') < 0 && bytes.IndexByte(begin, '\r') >= 0 {
		return &lineFeeds{in}, nil
	}

	return in, nil
}

// utf16Of tells UTF-16 by its mark, or, since files begin with ASCII
// characters, by every other byte being zero.
func utf16Of(begin []byte) (unicode.Endianness, unicode.BOMPolicy, bool) {
	switch {
	case bytes.HasPrefix(begin, []byte{0xff, 0xfe}), bytes.HasPrefix(begin, []byte{0xfe, 0xff}):
		return unicode.LittleEndian, unicode.UseBOM, true
	case len(begin) < 4:
	case begin[0] != 0 && begin[1] == 0 && begin[2] != 0 && begin[3] == 0:
		return unicode.LittleEndian, unicode.IgnoreBOM, true
	case begin[0] == 0 && begin[1] != 0 && begin[2] == 0 && begin[3] != 0:
		return unicode.BigEndian, unicode.IgnoreBOM, true
	}

	return unicode.LittleEndian, unicode.IgnoreBOM, false
}

// otherThanText names a file of another kind and what to do with it; "" for
// text.
func otherThanText(begin []byte) string {
	for _, kind := range []struct{ begins, what string }{
		{"PK\x03\x04", "a ZIP archive, as Excel workbooks are; unpack it, or save the sheet as CSV (UTF-8)"},
		{"\xd0\xcf\x11\xe0", "an old Excel workbook; save the sheet as CSV (UTF-8)"},
		{"PAR1", "a Parquet file, which packs itself; unpack what is around it"},
		{"ORC", "an ORC file; export it as CSV or JSON lines"},
		{"Obj\x01", "an Avro file; export it as CSV or JSON lines"},
		{"SQLite format 3", "an SQLite database; export the table as CSV"},
		{"%PDF", "a PDF document; export the rows as CSV"},
		{"BZh", "packed with bzip2; unpack it first (bunzip2), or pack it with gzip or zstd"},
		{"\xfd7zXZ", "packed with xz; unpack it first (unxz), or pack it with gzip or zstd"},
		{"7z\xbc\xaf", "packed with 7-Zip; unpack it first, or pack it with gzip or zstd"},
		{"\x04\"M\x18", "packed with LZ4; unpack it first (unlz4), or pack it with gzip or zstd"},
		{"\x1f\x8b", "packed twice; unpack it once"},
		{"\xff\xfe\x00\x00", "UTF-32; convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"},
		{"\x00\x00\xfe\xff", "UTF-32; convert it to UTF-8 (iconv -f UTF-32 -t UTF-8)"},
	} {
		if bytes.HasPrefix(begin, []byte(kind.begins)) && !(kind.begins == "ORC" && bytes.IndexByte(begin[:min(len(begin), 64)], 0) < 0) {
			return kind.what
		}
	}
	if _, _, utf16 := utf16Of(begin); !utf16 && bytes.IndexByte(begin[:min(len(begin), 512)], 0) >= 0 {
		return "no text, for it has zero bytes; export it as CSV or JSON lines in UTF-8"
	}

	return ""
}

// lineFeeds reads a line feed for each carriage return.
type lineFeeds struct{ in io.Reader }

func (l *lineFeeds) Read(p []byte) (int, error) {
	n, err := l.in.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}

	return n, err
}
