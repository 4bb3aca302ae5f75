package pipeline

// value reads the JSON value that begins at i. Escaped says that it is a
// string with escapes.
func (d *Decoder) value(i int) (end int, escaped bool) {
	data := d.data

	if i >= len(data) {
		return d.malformed(i, "send a value after the colon"), false
	}

	switch c := data[i]; c {
	case '"':
		return d.skipString(i)
	case '{':
		return d.object(i), false
	case '[':
		return d.array(i), false
	case 't':
		return d.literal(i, "true"), false
	case 'f':
		return d.literal(i, "false"), false
	case 'n':
		return d.literal(i, "null"), false
	default:
		return d.number(i), false
	}
}

// object reads an object within the event, which nothing but its syntax is
// known of.
func (d *Decoder) object(i int) int {
	if d.depth++; d.depth > MaxEventDepth {
		return d.malformed(i, "nest at most 64 objects and arrays")
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
	if d.depth++; d.depth > MaxEventDepth {
		return d.malformed(i, "nest at most 64 objects and arrays")
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

	end, escaped := d.skipString(i)
	if end < 0 {
		return span{}, end
	}

	name = span{begin: i + 1, end: end - 1}

	if escaped {
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

	for i < len(data) {
		switch data[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}

	return i
}
