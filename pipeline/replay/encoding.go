package replay

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// encodings are those that a mapping can name, beside UTF-8. UTF-16 is also found out
// by itself.
func encodings() map[string]encoding.Encoding {
	return map[string]encoding.Encoding{
		"latin-1":      charmap.ISO8859_1,
		"iso-8859-1":   charmap.ISO8859_1,
		"iso-8859-2":   charmap.ISO8859_2,
		"iso-8859-15":  charmap.ISO8859_15,
		"windows-1250": charmap.Windows1250,
		"windows-1251": charmap.Windows1251,
		"windows-1252": charmap.Windows1252,
		"utf-16":       unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"utf-16le":     unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"utf-16be":     unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	}
}

// utf8Name is the encoding that a file has where nothing is said.
const utf8Name = "utf-8"

// toUTF8 is what a person does about text that is none.
const toUTF8 = "convert the file to UTF-8, or name its encoding in a mapping, such as encoding: windows-1252"

// decoded reads a file in a named encoding as UTF-8.
func decoded(file io.Reader, name string) io.Reader {
	if of, ok := encodings()[strings.ToLower(name)]; ok {
		return transform.NewReader(file, of.NewDecoder())
	}

	return file
}

func checkEncoding(name string) error {
	names := append(slices.Sorted(maps.Keys(encodings())), utf8Name)
	if name == "" || slices.Contains(names, strings.ToLower(name)) {
		return nil
	}

	return fmt.Errorf("encoding is %q; %s", name, suggest(strings.ToLower(name), names))
}

// peeked is the beginning of a file, and the file from there on.
func peeked(file io.Reader) ([]byte, io.Reader) {
	in := bufio.NewReaderSize(file, firstBytes)
	begin, _ := in.Peek(firstBytes) // what fails is told by the next read

	return begin, in
}

// encodingOf is the encoding that is named, or that the beginning of the file has.
func encodingOf(named string, begin []byte) string {
	switch _, _, wide := utf16Of(begin); {
	case named != "":
		return strings.ToLower(named)
	case wide:
		return "utf-16"
	case bytes.HasPrefix(begin, byteOrderMark):
		return utf8Name + " with a byte order mark"
	}

	return utf8Name
}
