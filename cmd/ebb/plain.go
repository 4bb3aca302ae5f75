package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain replaces what would steer or upset a terminal, and keeps line breaks
// and tabs. Errors and tables tell of files and events, which may hold
// anything.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}

		return shown(r)
	}, text)
}

// printable is plain for a text that has to stay in its line and cell.
func printable(text string) string { return strings.Map(shown, text) }

func shown(r rune) rune {
	if r == utf8.RuneError || !unicode.IsPrint(r) {
		return '·'
	}

	return r
}
