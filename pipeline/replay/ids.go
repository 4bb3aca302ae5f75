package replay

import (
	"bytes"
	"unicode/utf8"

	"ebb/pipeline/event"
)

// nullWords are what programs write into a cell that has no value, where a
// mapping names none.
func nullWords() []string {
	return []string{
		"NULL", "null", "Null", "None", "nil", "undefined", "NaN", "nan", `\N`, "N/A", "n/a", "#N/A",
		"(null)", "<null>", "<nil>", "[object Object]",
	}
}

// maxNullWord is the longest word that a mapping may name, in bytes.
const maxNullWord = 64

// emptyCells tells cells that have no value.
type emptyCells struct {
	words map[string]struct{}
	begin [256]bool // the first bytes of the words
}

func newEmptyCells(words []string) *emptyCells {
	e := &emptyCells{words: make(map[string]struct{}, len(words))}
	for _, word := range words {
		if word != "" {
			e.words[word] = struct{}{}
			e.begin[word[0]] = true
		}
	}

	return e
}

// is tells a word that stands for no value.
func (e *emptyCells) is(text []byte) bool {
	if len(text) == 0 || !e.begin[text[0]] || len(text) > maxNullWord {
		return false
	}
	_, ok := e.words[string(text)]

	return ok
}

// trim cuts off what can't be seen on both sides.
func trim(text []byte) []byte {
	if n := len(text); n == 0 || text[0] > ' ' && text[0] < 0x80 && text[n-1] > ' ' && text[n-1] < 0x80 {
		return text
	}

	return bytes.TrimFunc(text, func(r rune) bool { return r != utf8.RuneError && event.IsInvisible(r) })
}

// clean takes blanks around values off, and makes words for nothing nothing.
func (r *Reader) clean(d *draft) {
	r.nobody = nil
	for f := range fieldCount {
		text := d.text[f]
		if len(text) == 0 || d.composed[f] || f == fieldProperties {
			continue
		}
		if r.trims {
			text = trim(text)
		}
		if r.empty.is(text) {
			if f == fieldCustomer || f == fieldAnonymousID {
				r.nobody = text
			}
			text = nil
		}
		d.text[f] = text
	}
}
