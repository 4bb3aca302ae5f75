package scan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Eight bytes at a time: https://graphics.stanford.edu/~seander/bithacks.html
const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
)

// special has the high bit of the first byte set that is a quote, a
// backslash, below 0x20 or above 0x7e; bytes after that one may be wrong.
func special(x uint64) uint64 {
	quote := x ^ '"'*eachByte
	backslash := x ^ '\\'*eachByte

	return ((quote-eachByte)&^quote | (backslash-eachByte)&^backslash | (x-0x20*eachByte)&^x | (x + eachByte) | x) & highBits
}

// Traits say what is in a string beside printable ASCII.
type Traits uint8

// The traits.
const (
	Escaped Traits = 1 << iota
	Deletes        // DEL
	Wide           // characters beyond ASCII
)

// SkipString reads the string whose opening quote is at i, to after its
// closing quote. It checks everything, so that unescape can't fail.
func (t *Scanner) SkipString(i int) (end int, is Traits) {
	data := t.Data
	begin := i + 1
	i = begin

	for {
		for i+8 <= len(data) {
			m := special(binary.LittleEndian.Uint64(data[i:]))
			if m != 0 {
				i += bits.TrailingZeros64(m) >> 3

				break
			}

			i += 8
		}

		if i >= len(data) {
			return t.Malformed(begin-1, "end the string with a double quote"), 0
		}

		switch c := data[i]; {
		case c == '"':
			if is&Wide != 0 && !utf8.Valid(data[begin:i]) {
				return t.invalidUTF8(begin, i), 0
			}

			return i + 1, is
		case c == '\\':
			is |= Escaped

			if i = t.escape(i); i < 0 {
				return i, 0
			}
		case c < ' ':
			return t.Malformed(i, "escape control characters in strings"), 0
		case c < utf8.RuneSelf: // in the last seven bytes, or DEL
			if c == 0x7f {
				is |= Deletes
			}

			i++
		default:
			is |= Wide
			i++

			for i < len(data) && data[i] >= utf8.RuneSelf {
				i++
			}
		}
	}
}

// escape checks the escape whose backslash is at i.
func (t *Scanner) escape(i int) int {
	data := t.Data

	if i+1 >= len(data) {
		return t.Malformed(i, "end the string with a double quote")
	}

	switch data[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
	default:
		return t.Malformed(i, `escape with \" \\ \/ \b \f \n \r \t or \u and four hexadecimal digits`)
	}

	r, ok := hex4(data[i+2:])
	if !ok {
		return t.Malformed(i, `write four hexadecimal digits after \u`)
	}

	if !utf16.IsSurrogate(r) {
		return i + 6
	}

	if i+7 < len(data) && data[i+6] == '\\' && data[i+7] == 'u' {
		low, ok := hex4(data[i+8:])
		if ok && utf16.DecodeRune(r, low) != utf8.RuneError {
			return i + 12
		}
	}

	return t.Malformed(i, "escape characters beyond U+FFFF as a pair of surrogates")
}

// Unescape appends the text of a string that skipString has accepted to the
// scratch buffer and returns it.
func (t *Scanner) Unescape(s []byte) []byte {
	begin := len(t.Scratch)
	out := t.Scratch

	for i := 0; i < len(s); {
		if s[i] != '\\' {
			out = append(out, s[i])
			i++

			continue
		}

		switch c := s[i+1]; c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r, _ := hex4(s[i+2:])
			i += 4

			if utf16.IsSurrogate(r) {
				low, _ := hex4(s[i+4:])
				r = utf16.DecodeRune(r, low)
				i += 6
			}

			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
		}

		i += 2
	}

	t.Scratch = out

	return out[begin:len(out):len(out)]
}

// hex4 reads four hexadecimal digits.
func hex4(s []byte) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}

	for _, c := range s[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}

		r = r<<4 | rune(c)
	}

	return r, true
}
