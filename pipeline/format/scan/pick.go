package scan

// Picked is a value that a Picker has kept: raw JSON, or nothing where there was
// none. Null is none.
type Picked struct {
	Raw []byte
	Is  Traits
}

// Slots is how many values a Picker keeps of one text.
const Slots = 64

// Look says of a name in an object, known by its place, in which slot its value is
// kept, 0 for none, and as which place an object that stands there is looked
// into, 0 for not at all. The message itself has place 0.
type Look func(in int, name []byte) (slot, opens int)

// Picker reads one JSON object and keeps the values that Look names. It reads as
// plain text first, and carefully where that fails; see Scanner.
type Picker struct {
	Scanner

	// Got are the values by slot, valid until the next Pick. Of a slot that occurs
	// twice, under different names, the first that is not null counts.
	Got [Slots]Picked

	look  Look
	plain bool
}

// NewPicker makes a picker.
func NewPicker(look Look) Picker { return Picker{Scanner: New(), look: look} }

// Pick reads data, and reports false where it is no JSON object; Syntax says why.
func (p *Picker) Pick(data []byte) bool { return p.PickAs(data, 0) }

// PickAs is Pick for text that has another place than 0.
func (p *Picker) PickAs(data []byte, in int) bool {
	p.Data, p.Scratch = data, p.Scratch[:0]
	clear(p.Got[:])
	if n := len(data); n >= PlainLeast && n <= PlainMost && data[0] == '{' && data[n-1] == '}' && p.Quotes.Find(data) {
		p.plain, p.Depth, p.Keys = true, 0, p.Keys[:0]
		if p.pick(0, in) == n {
			return true
		}
		clear(p.Got[:])
	}
	p.plain = false
	p.Begin()

	return p.whole(in) >= 0
}

// whole reads the text carefully.
func (p *Picker) whole(in int) int {
	i := p.Space(0)
	switch {
	case i == len(p.Data):
		return p.Malformed(i, "send a JSON object, not an empty message")
	case p.Data[i] == 0xef:
		return p.Malformed(i, "send a JSON object without a byte order mark")
	case p.Data[i] != '{':
		return p.Malformed(i, "send one JSON object")
	}
	if i = p.pick(i, in); i < 0 {
		return i
	}
	if i = p.Space(i); i != len(p.Data) {
		return p.Malformed(i, "send nothing after the object")
	}

	return i
}

// pick reads the object at i.
func (p *Picker) pick(i, in int) int {
	if p.plain {
		return p.pickPlain(i, in)
	}
	if p.Depth++; p.Depth > maxDepth {
		return p.TooDeep(i)
	}
	data, own := p.Data, p.Open()
	if i = p.Space(i + 1); i < len(data) && data[i] == '}' {
		p.Depth--

		return i + 1
	}
	for {
		name, next := p.Name(i)
		if next < 0 {
			return next
		}
		if !p.Unique(own, name) {
			return p.Malformed(i, "send each name of an object once")
		}
		slot, opens := p.look(in, p.Text(name))
		var end int
		var is Traits
		if opens != 0 && next < len(data) && data[next] == '{' {
			end = p.pick(next, opens)
		} else {
			end, is = p.Value(next)
		}
		if end < 0 {
			return end
		}
		p.keep(slot, next, end, is)
		if i = p.Space(end); i < len(data) && data[i] == ',' {
			i = p.Space(i + 1)

			continue
		}
		if i < len(data) && data[i] == '}' {
			p.Close(own)
			p.Depth--

			return i + 1
		}

		return p.Malformed(i, "put a comma or } after a value")
	}
}

// pickPlain is pick for plain text. Behind every byte that is not the last brace
// there is another.
func (p *Picker) pickPlain(i, in int) int {
	data := p.Data
	last := len(data) - 1
	if p.Depth++; p.Depth > plainDepth {
		return -1
	}
	if i++; data[i] == '}' {
		return p.closePlain(i)
	}
	own := len(p.Keys)
	for {
		begin := i + 1
		end := p.Quotes.After(begin)
		if end+1 >= last || data[i] != '"' || data[end+1] != ':' || !p.NewKey(own, KeyOf(data, begin, end)) {
			return -1
		}
		slot, opens := p.look(in, data[begin:end])
		if i = end + 2; data[i] == ' ' {
			i++
		}
		from := i
		if opens != 0 && data[i] == '{' {
			i = p.pickPlain(i, opens)
		} else {
			i = p.PlainValue(i)
		}
		if i < 0 {
			return -1
		}
		p.keep(slot, from, i, 0)
		switch data[i] {
		case ',':
			i++
		case '}':
			p.Keys = p.Keys[:own]

			return p.closePlain(i)
		default:
			return -1
		}
		if data[i] == ' ' {
			i++
		}
	}
}

// closePlain leaves the object whose brace is at i: that of the message is the
// last byte, and no other is.
func (p *Picker) closePlain(i int) int {
	if (p.Depth == 1) != (i == len(p.Data)-1) {
		return -1
	}
	p.Depth--

	return i + 1
}

func (p *Picker) keep(slot, from, end int, is Traits) {
	if slot == 0 || p.Data[from] == 'n' || p.Got[slot].Raw != nil {
		return
	}
	p.Got[slot] = Picked{Raw: p.Data[from:end:end], Is: is}
}

// String is the text of a kept string, unescaped; false where it is none.
func (p *Picker) String(slot int) ([]byte, bool) {
	got := p.Got[slot]
	if len(got.Raw) == 0 || got.Raw[0] != '"' {
		return nil, false
	}
	text := got.Raw[1 : len(got.Raw)-1]
	if got.Is&Escaped != 0 {
		text = p.Unescape(text)
	}

	return text, true
}

// Items calls take with each item of the array raw, which a Picker has kept, or
// with the items of a whole text that is one array. It reports false where raw is
// none; Syntax says why.
func (t *Scanner) Items(raw []byte, take func(item []byte) bool) bool {
	t.Data = raw
	t.Begin()
	i := t.Space(0)
	if i == len(raw) || raw[i] != '[' {
		t.Malformed(i, "send a JSON array")

		return false
	}
	t.Depth++
	i = t.Space(i + 1)
	for first := true; i >= len(raw) || raw[i] != ']'; first = false {
		if !first {
			if i >= len(raw) || raw[i] != ',' {
				t.Malformed(i, "put a comma or ] after a value")

				return false
			}
			i = t.Space(i + 1)
		}
		end, _ := t.Value(i)
		if end < 0 {
			return false
		}
		if !take(raw[i:end:end]) {
			return true
		}
		i = t.Space(end)
	}
	if i = t.Space(i + 1); i != len(raw) {
		t.Malformed(i, "send nothing after the array")

		return false
	}

	return true
}

// Members calls take with each member of the object raw, which has been read
// before. Names are unescaped.
func (t *Scanner) Members(raw []byte, take func(name, value []byte)) bool {
	t.Data, t.Scratch = raw, t.Scratch[:0]
	t.Begin()
	i := t.Space(0)
	if i == len(raw) || raw[i] != '{' {
		t.Malformed(i, "send a JSON object")

		return false
	}
	t.Depth++
	i = t.Space(i + 1)
	for first := true; i >= len(raw) || raw[i] != '}'; first = false {
		if !first {
			if i >= len(raw) || raw[i] != ',' {
				t.Malformed(i, "put a comma or } after a value")

				return false
			}
			i = t.Space(i + 1)
		}
		name, next := t.Name(i)
		if next < 0 {
			return false
		}
		end, _ := t.Value(next)
		if end < 0 {
			return false
		}
		take(t.Text(name), raw[next:end:end])
		i = t.Space(end)
	}

	return true
}
