package scan

import (
	"bytes"
	"testing"
)

// SkipString reads eight bytes at a time; every byte has to count at every
// place.
func TestStringScan(t *testing.T) {
	d := New()

	for c := range 256 {
		for at := range 17 {
			text := bytes.Repeat([]byte("a"), 17)
			text[at] = byte(c)
			d.Data = append(append([]byte{'"'}, text...), '"')

			end, is := d.SkipString(0)

			switch {
			case c == '"' && end != at+2, c == '\\' && end >= 0, c < ' ' && end >= 0, c > 0x7f && end >= 0:
				t.Errorf("byte %#x at %d: end %d", c, at, end)
			case c >= ' ' && c < 0x80 && c != '"' && c != '\\' && (end != 19 || (is == Deletes) != (c == 0x7f)):
				t.Errorf("byte %#x at %d: end %d, traits %b", c, at, end, is)
			}
		}
	}
}
