package replay

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Numbers says how the numbers of a file are written. In a JSON file it holds for
// strings; numbers of JSON are what they are.
type Numbers struct {
	// Decimal stands before the fraction: "." or ",". Default ".".
	Decimal string `yaml:"decimal" json:",omitempty"`

	// Group stands between groups of digits: ".", ",", "'" or " ", which stands for
	// every kind of blank. Default nothing.
	Group string `yaml:"group" json:",omitempty"`
}

func (n Numbers) check() error {
	switch {
	case n.Decimal != "" && n.Decimal != "." && n.Decimal != ",":
		return fmt.Errorf(`numbers.decimal is %q; write "." or ","`, n.Decimal)
	case n.Group != "" && n.Group != "." && n.Group != "," && n.Group != "'" && n.Group != " ":
		return fmt.Errorf(`numbers.group is %q; write ".", ",", "'" or " "`, n.Group)
	case n.Group != "" && n.Group == n.decimal():
		return fmt.Errorf("numbers.group is %q, as numbers.decimal is; change one of the two", n.Group)
	}

	return nil
}

func (n Numbers) decimal() string {
	if n.Decimal == "" {
		return "."
	}

	return n.Decimal
}

// example is a number as the file writes it.
func (n Numbers) example() string {
	return "1" + n.Group + "234" + n.decimal() + "5"
}

// plain is a number as JSON has it, appended to dst; false where the text is none in
// this form. Groups have three digits, or two as in India; the first one fewer.
func (n Numbers) plain(dst, text []byte) ([]byte, bool) { //nolint:cyclop // a case for each kind of character
	from, digits, grouped := len(dst), 0, false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r >= '0' && r <= '9':
			digits++
			dst = append(dst, byte(r))
		case string(text[i:i+size]) == n.decimal():
			if grouped && digits != 3 {
				return dst[:from], false
			}
			if bytes.ContainsAny(text[i+size:], n.Group+n.decimal()) && n.Group != "" {
				return dst[:from], false
			}

			return append(append(dst, '.'), text[i+size:]...), true
		case n.isGroup(r):
			if digits == 0 || digits > 3 || grouped && digits < 2 {
				return dst[:from], false
			}
			grouped, digits = true, 0
		case (r == '-' || r == '+') && i == 0, r == '−' && i == 0:
			if r != '+' {
				dst = append(dst, '-')
			}
		default:
			return append(dst, text[i:]...), !grouped && (r == 'e' || r == 'E') // an exponent
		}
		i += size
	}

	return dst, !grouped || digits == 3
}

// isGroup tells what parts groups of digits.
func (n Numbers) isGroup(r rune) bool {
	switch n.Group {
	case "":
		return false
	case " ":
		return r == ' ' || r == 0xa0 || r == 0x202f || r == 0x2009
	case "'":
		return r == '\'' || r == '’'
	}

	return string(r) == n.Group
}
