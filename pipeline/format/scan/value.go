package scan

// Value reads the JSON value that begins at i. Traits are those of a string.
func (t *Scanner) Value(i int) (end int, is Traits) {
	data := t.Data

	if i >= len(data) {
		return t.Malformed(i, "send a value after the colon"), 0
	}

	switch c := data[i]; c {
	case '"':
		return t.SkipString(i)
	case '{':
		return t.object(i), 0
	case '[':
		return t.array(i), 0
	case 't':
		return t.literal(i, "true"), 0
	case 'f':
		return t.literal(i, "false"), 0
	case 'n':
		return t.literal(i, "null"), 0
	default:
		return t.number(i), 0
	}
}

// object reads an object within the event, which nothing but its syntax is
// known of.
func (t *Scanner) object(i int) int {
	if t.Depth++; t.Depth > maxDepth {
		return t.TooDeep(i)
	}

	data := t.Data
	own := t.Open()

	i = t.Space(i + 1)
	if i < len(data) && data[i] == '}' {
		t.Depth--

		return i + 1
	}

	for {
		name, next := t.Name(i)
		if next < 0 {
			return next
		}

		if !t.Unique(own, name) {
			return t.Malformed(i, "send each name of an object once")
		}

		if i, _ = t.Value(next); i < 0 {
			return i
		}

		if i = t.Space(i); i < len(data) && data[i] == ',' {
			i = t.Space(i + 1)

			continue
		}

		if i < len(data) && data[i] == '}' {
			t.Close(own)
			t.Depth--

			return i + 1
		}

		return t.Malformed(i, "put a comma or } after a value")
	}
}

// array reads an array.
func (t *Scanner) array(i int) int {
	if t.Depth++; t.Depth > maxDepth {
		return t.TooDeep(i)
	}

	data := t.Data

	i = t.Space(i + 1)
	if i < len(data) && data[i] == ']' {
		t.Depth--

		return i + 1
	}

	for {
		if i, _ = t.Value(i); i < 0 {
			return i
		}

		if i = t.Space(i); i < len(data) && data[i] == ',' {
			i = t.Space(i + 1)

			continue
		}

		if i < len(data) && data[i] == ']' {
			t.Depth--

			return i + 1
		}

		return t.Malformed(i, "put a comma or ] after a value")
	}
}

// Name reads the name of a field, the colon and the spaces around it. Next is
// where the value begins.
func (t *Scanner) Name(i int) (name Span, next int) {
	data := t.Data

	if i >= len(data) || data[i] != '"' {
		return Span{}, t.Malformed(i, "put the name of a field in double quotes here")
	}

	end, is := t.SkipString(i)
	if end < 0 {
		return Span{}, end
	}

	name = Span{begin: i + 1, end: end - 1}

	if is&Escaped != 0 {
		s := t.Unescape(data[i+1 : end-1])
		name = Span{begin: len(t.Scratch) - len(s), end: len(t.Scratch), scratch: true}
	}

	next = t.Space(end)
	if next >= len(data) || data[next] != ':' {
		return Span{}, t.Malformed(next, "put a colon after the name of a field")
	}

	return name, t.Space(next + 1)
}

// literal reads true, false or null.
func (t *Scanner) literal(i int, word string) int {
	data := t.Data

	if len(data)-i < len(word) || string(data[i:i+len(word)]) != word {
		return t.Malformed(i, "write true, false or null in full and lower case")
	}

	return i + len(word)
}

// Space is the first place from i on that is no white space.
func (t *Scanner) Space(i int) int {
	data := t.Data

	for i < len(data) && data[i] <= ' ' && isSpace(data[i]) {
		i++
	}

	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
