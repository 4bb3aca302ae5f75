package local

import "strings"

// kind is the sort of a token of SQL.
type kind int

const (
	end kind = iota
	word
	quoted // a string, a quoted identifier or a heredoc
	symbol // one byte
)

// token is a piece of SQL text: text[start:stop].
type token struct {
	kind        kind
	start, stop int
}

// lexer splits SQL into tokens, as far as it takes to find where a statement
// ends and its data begin. Comments and space are skipped.
type lexer struct {
	text string
	at   int
}

func (l *lexer) next() token {
	l.skip()
	start := l.at
	if start >= len(l.text) {
		return token{kind: end, start: start, stop: start}
	}

	switch c := l.text[start]; {
	case c == '\'' || c == '"' || c == '`':
		l.quotedBy(c)
		return token{quoted, start, l.at}
	case strings.HasPrefix(l.text[start:], "‘"):
		l.skipPast(l.text[start:], "’")
		return token{quoted, start, l.at}
	case strings.HasPrefix(l.text[start:], "“"):
		l.skipPast(l.text[start:], "”")
		return token{quoted, start, l.at}
	case c == '$' && l.heredoc():
		return token{quoted, start, l.at}
	case isWordByte(c):
		for l.at < len(l.text) && isWordByte(l.text[l.at]) && !startsWideQuote(l.text[l.at:]) {
			l.at++
		}
		return token{word, start, l.at}
	}
	l.at++
	return token{symbol, start, l.at}
}

// is reports whether the token is the keyword, in any case.
func (l *lexer) is(t token, keyword string) bool {
	return t.kind == word && strings.EqualFold(l.text[t.start:t.stop], keyword)
}

// isSymbol reports whether the token is the one byte.
func (l *lexer) isSymbol(t token, c byte) bool { return t.kind == symbol && l.text[t.start] == c }

func (l *lexer) skip() {
	for l.at < len(l.text) {
		rest := l.text[l.at:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
			l.at++
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "# "), strings.HasPrefix(rest, "#!"):
			l.skipPast(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			l.skipPast(rest, "*/")
		default:
			return
		}
	}
}

func (l *lexer) skipPast(rest, mark string) {
	if i := strings.Index(rest, mark); i >= 0 {
		l.at += i + len(mark)
	} else {
		l.at = len(l.text)
	}
}

func (l *lexer) quotedBy(mark byte) {
	for l.at++; l.at < len(l.text); l.at++ {
		switch l.text[l.at] {
		case '\\':
			l.at++
		case mark:
			// A doubled mark needs no care: it reads as two adjacent texts.
			l.at++
			return
		}
	}
	l.at = len(l.text)
}

// heredoc consumes $tag$ ... $tag$ if one starts here.
func (l *lexer) heredoc() bool {
	rest := l.text[l.at:]
	i := strings.IndexByte(rest[1:], '$')
	if i < 0 || strings.ContainsFunc(rest[1:1+i], func(r rune) bool { return r < 0x80 && !isWordByte(byte(r)) }) {
		return false
	}
	tag := rest[:i+2]
	stop := strings.Index(rest[len(tag):], tag)
	if stop < 0 {
		return false
	}
	l.at += len(tag) + stop + len(tag)
	return true
}

// startsWideQuote says whether a text begins with one of the typographic quotes
// that the engine takes for quotes.
func startsWideQuote(text string) bool {
	return strings.HasPrefix(text, "‘") || strings.HasPrefix(text, "“")
}

func isWordByte(c byte) bool {
	return c == '_' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// insertion is an INSERT whose rows follow its text.
type insertion struct {
	statement string // up to FORMAT or VALUES, which the engine takes apart
	format    string // "" when the text names none
	rows      string // the part of the text that is already data
}

// splitInsert takes an INSERT apart from its rows. ok is false for any other
// statement, and for an INSERT that gets its rows from a SELECT or a file.
func splitInsert(text string) (_ insertion, ok bool) {
	l := &lexer{text: text}
	if !l.is(l.next(), "INSERT") {
		return insertion{}, false
	}

	depth := 0
	for t := l.afterTable(); ; t = l.next() {
		switch {
		case t.kind == end:
			return insertion{statement: strings.TrimRight(text, "; \t\r\n")}, true
		case l.isSymbol(t, '('):
			depth++
		case l.isSymbol(t, ')'):
			depth--
		case l.is(t, "SELECT"), l.is(t, "WITH") && depth <= 1:
			return insertion{}, false
		case depth > 0:
		case l.is(t, "FROM"), l.is(t, "WATCH"):
			return insertion{}, false
		case l.is(t, "VALUES"):
			return insertion{text[:t.start], "Values", text[t.stop:]}, true
		case l.is(t, "FORMAT"):
			name := l.next()
			return insertion{text[:t.start], text[name.start:name.stop], dataAfterFormat(text[name.stop:])}, true
		}
	}
}

// afterTable skips INTO and the name of the table, which may look like a
// keyword, and returns the token after it.
func (l *lexer) afterTable() token {
	t := l.next()
	if l.is(t, "INTO") {
		t = l.next()
	}
	if l.is(t, "TABLE") || l.is(t, "FUNCTION") {
		ahead := *l
		if next := ahead.next(); next.kind == word || next.kind == quoted {
			*l = ahead
		}
	}

	t = l.next()
	for l.isSymbol(t, '.') {
		l.next()
		t = l.next()
	}
	return t
}

// dataAfterFormat drops what separates the name of a format from the data: a
// semicolon, spaces, and one line end.
func dataAfterFormat(rest string) string {
	rest = strings.TrimPrefix(rest, ";")
	rest = strings.TrimLeft(rest, " \t\f")
	rest = strings.TrimPrefix(rest, "\r")
	return strings.TrimPrefix(rest, "\n")
}

// outputFormat returns the format that a statement asks for itself, or "".
func outputFormat(text string) string {
	l := &lexer{text: text}
	format := ""
	for t := l.next(); t.kind != end; t = l.next() {
		if l.is(t, "FORMAT") {
			ahead := *l
			if name := ahead.next(); name.kind == word {
				format = text[name.start:name.stop]
			}
		}
	}
	return format
}
