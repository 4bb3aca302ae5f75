package customers

import (
	"bytes"
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
				shared, before := r.Capture(write), r.Capture(write)(nil)
				r.Drop(func(v uint16) bool { return v == gone })
				r.Put([]byte("another"), gone)
				entries++
				if got := shared(nil); !bytes.Equal(got, before) {
					t.Fatalf("%v is shared, want what it was, %v", got, before)
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

// Whoever is forgotten and was not remembered costs no copy of all who are.
func TestDroppingNobodyCopiesNothing(t *testing.T) {
	r := Recent[int]{Most: 1 << 10}
	for i := range 1_500 {
		r.Put(fmt.Append(nil, "id-", i), i)
	}
	if n := testing.AllocsPerRun(10, func() {
		r.Remove([]byte("nobody"))
		r.Drop(func(v int) bool { return v < 0 })
	}); n > 4 {
		t.Errorf("to drop nobody takes %v allocations, want a few", n)
	}
	r.Drop(func(v int) bool { return v == 7 })
	r.Remove([]byte("id-1400"))
	for _, gone := range []string{"id-7", "id-1400"} {
		if _, known := r.Get([]byte(gone)); known {
			t.Errorf("%s is remembered", gone)
		}
	}
	if v, known := r.Get([]byte("id-8")); !known || v != 8 || r.Len() != 1_498 {
		t.Errorf("id-8 is %d, %t, of %d, want the others to stay", v, known, r.Len())
	}
}
