package term

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Plain replaces what would steer or upset a terminal, and keeps line breaks
// and tabs. Errors and tables tell of files and events, which may hold
// anything.
func Plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}

		return Shown(r)
	}, text)
}

// Printable is plain for a text that has to stay in its line and cell.
func Printable(text string) string { return strings.Map(Shown, text) }

// Shown is a rune that may be printed, or a dot in its place.
func Shown(r rune) rune {
	if r == utf8.RuneError || !unicode.IsPrint(r) {
		return '·'
	}

	return r
}
