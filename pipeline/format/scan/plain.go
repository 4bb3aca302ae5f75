package scan

// plainDepth is up to which depth the plain path reads.
const plainDepth = 8

// PlainValue reads the value at i, to a place before the last brace; below 0
// where it is not plain.
func (t *Scanner) PlainValue(i int) int {
	switch t.Data[i] {
	case '"':
		if i = t.Quotes.After(i+1) + 1; i >= len(t.Data) {
			return -1
		}

		return i
	case '{':
		return t.plainObject(i)
	case '[':
		return t.plainArray(i)
	case 't':
		return t.literal(i, "true")
	case 'f':
		return t.literal(i, "false")
	case 'n':
		return t.literal(i, "null")
	default:
		return t.number(i)
	}
}

func (t *Scanner) plainObject(i int) int {
	data := t.Data
	last := len(data) - 1 // the brace that ends the event, which has to be left

	if i++; data[i] == '}' && i < last {
		return i + 1
	}

	if t.Depth++; t.Depth > plainDepth {
		return -1
	}

	own := len(t.Keys)

	for {
		begin := i + 1
		end := t.Quotes.After(begin)

		if end+1 >= last || data[i] != '"' || data[end+1] != ':' || !t.NewKey(own, KeyOf(data, begin, end)) {
			return -1
		}

		i = end + 2
		if data[i] == ' ' {
			i++
		}

		if i = t.PlainValue(i); i < 0 {
			return -1
		}

		switch data[i] {
		case ',':
			i++
		case '}':
			if i == last {
				return -1
			}

			t.Depth--
			t.Keys = t.Keys[:own]

			return i + 1
		default:
			return -1
		}

		if data[i] == ' ' {
			i++
		}
	}
}

func (t *Scanner) plainArray(i int) int {
	data := t.Data

	if i++; data[i] == ']' {
		return i + 1
	}

	if t.Depth++; t.Depth > plainDepth {
		return -1
	}

	for {
		if i = t.PlainValue(i); i < 0 {
			return -1
		}

		switch data[i] {
		case ',':
			i++
		case ']':
			t.Depth--

			return i + 1
		default:
			return -1
		}

		if data[i] == ' ' {
			i++
		}
	}
}
