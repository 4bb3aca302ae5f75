package native

import "ebb/pipeline/event"

// value reads the JSON value that begins at i. Traits are those of a string.
func (d *Decoder) value(i int) (end int, is traits) {
	data := d.data

	if i >= len(data) {
		return d.malformed(i, "send a value after the colon"), 0
	}

	switch c := data[i]; c {
	case '"':
		return d.skipString(i)
	case '{':
		return d.object(i), 0
	case '[':
		return d.array(i), 0
	case 't':
		return d.literal(i, "true"), 0
	case 'f':
		return d.literal(i, "false"), 0
	case 'n':
		return d.literal(i, "null"), 0
	default:
		return d.number(i), 0
	}
}

// object reads an object within the event, which nothing but its syntax is
// known of.
func (d *Decoder) object(i int) int {
	if d.depth++; d.depth > event.MaxEventDepth {
		return d.tooDeep(i)
	}

	data := d.data
	own := d.open()

	i = d.space(i + 1)
	if i < len(data) && data[i] == '}' {
		d.depth--

		return i + 1
	}

	for {
		name, next := d.name(i)
		if next < 0 {
			return next
		}

		if !d.unique(own, name) {
			return d.malformed(i, "send each name of an object once")
		}

		if i, _ = d.value(next); i < 0 {
			return i
		}

		if i = d.space(i); i < len(data) && data[i] == ',' {
			i = d.space(i + 1)

			continue
		}

		if i < len(data) && data[i] == '}' {
			d.close(own)
			d.depth--

			return i + 1
		}

		return d.malformed(i, "put a comma or } after a value")
	}
}

// array reads an array.
func (d *Decoder) array(i int) int {
	if d.depth++; d.depth > event.MaxEventDepth {
		return d.tooDeep(i)
	}

	data := d.data

	i = d.space(i + 1)
	if i < len(data) && data[i] == ']' {
		d.depth--

		return i + 1
	}

	for {
		if i, _ = d.value(i); i < 0 {
			return i
		}

		if i = d.space(i); i < len(data) && data[i] == ',' {
			i = d.space(i + 1)

			continue
		}

		if i < len(data) && data[i] == ']' {
			d.depth--

			return i + 1
		}

		return d.malformed(i, "put a comma or ] after a value")
	}
}

// name reads the name of a field, the colon and the spaces around it. Next is
// where the value begins.
func (d *Decoder) name(i int) (name span, next int) {
	data := d.data

	if i >= len(data) || data[i] != '"' {
		return span{}, d.malformed(i, "put the name of a field in double quotes here")
	}

	end, is := d.skipString(i)
	if end < 0 {
		return span{}, end
	}

	name = span{begin: i + 1, end: end - 1}

	if is&escaped != 0 {
		s := d.unescape(data[i+1 : end-1])
		name = span{begin: len(d.scratch) - len(s), end: len(d.scratch), scratch: true}
	}

	next = d.space(end)
	if next >= len(data) || data[next] != ':' {
		return span{}, d.malformed(next, "put a colon after the name of a field")
	}

	return name, d.space(next + 1)
}

// literal reads true, false or null.
func (d *Decoder) literal(i int, word string) int {
	data := d.data

	if len(data)-i < len(word) || string(data[i:i+len(word)]) != word {
		return d.malformed(i, "write true, false or null in full and lower case")
	}

	return i + len(word)
}

// space is the first place from i on that is no white space.
func (d *Decoder) space(i int) int {
	data := d.data

	for i < len(data) && data[i] <= ' ' && isSpace(data[i]) {
		i++
	}

	return i
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
