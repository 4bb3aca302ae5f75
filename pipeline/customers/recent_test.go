package customers

import (
	"errors"
	"fmt"
	"testing"

	"ebb/windows/codec"

	"pgregory.net/rapid"
)

// What was put last is remembered as long as no more than Most entries came since, what was
// forgotten is not, and a copy remembers the same; one that is shared meanwhile stays as it
// was.
func TestRecent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Recent[uint16]{Most: rapid.IntRange(1, 6).Draw(t, "most")}
		type put struct {
			value uint16
			entry int
		}
		last, entries := map[string]put{}, 0
		id := func() string { return fmt.Sprint(rapid.IntRange(0, 9).Draw(t, "id")) }
		write := func(w *codec.Writer, v uint16) { w.Fixed16(v) }
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			one := id()
			switch rapid.IntRange(0, 9).Draw(t, "do") {
			case 0:
				r.Remove([]byte(one))
				delete(last, one)
			case 1:
				gone := uint16(rapid.IntRange(0, 3).Draw(t, "gone"))
				shared := r.Capture(write)
				r.Drop(func(v uint16) bool { return v == gone })
				if got := len(shared(nil)); got < 2 {
					t.Fatalf("%d bytes are shared", got)
				}
				for name, p := range last {
					if p.value == gone {
						delete(last, name) // whatever it was before may come to light
					}
				}
			default:
				entries++
				p := put{uint16(rapid.IntRange(0, 3).Draw(t, "value")), entries}
				r.Put([]byte(one), p.value)
				last[one] = p
			}
			for name, p := range last {
				got, known := r.Get([]byte(name))
				if entries-p.entry < r.Most && (!known || got != p.value) {
					t.Fatalf("%s is %d %v, want %d", name, got, known, p.value)
				}
			}
			if r.Len() > 2*r.Most {
				t.Fatalf("%d entries are kept, of %d", r.Len(), r.Most)
			}
		}
		from := codec.From(r.Capture(write)(nil), errors.New("no entries"))
		copied := Recent[uint16]{Most: r.Most}
		copied.Read(&from, 2, (*codec.Reader).Fixed16)
		if err := from.End(); err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			want, known := r.Get(fmt.Append(nil, i))
			if got, there := copied.Get(fmt.Append(nil, i)); got != want || there != known {
				t.Fatalf("%d is %d %v in the copy, want %d %v", i, got, there, want, known)
			}
		}
	})
}
