package customers

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The table stays a map from id to index while customers leave: nobody else's
// index changes, the lowest free one is given next, and a table that is being
// encoded stays as it was.
func TestCustomersAreAMapWhileTheyLeave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, want := New(0), map[string]uint32{}
		var taken []string                // by index, "" for nobody
		frozen, check := false, func() {} // of what was frozen, once all has changed
		ids := rapid.OneOf(
			rapid.StringMatching(`c[0-9]{1,2}`),
			rapid.Custom(func(t *rapid.T) string {
				return strings.Repeat("x", rapid.IntRange(23, 256).Draw(t, "length"))
			}),
		)
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			id := ids.Draw(t, "id")
			index, known := c.Find([]byte(id))
			held, ok := want[id]
			if known != ok || known && index != held {
				t.Fatalf("%q: %d %v, want %d %v", id, index, known, held, ok)
			}
			switch {
			case !known:
				free := slices.Index(taken, "")
				if free < 0 {
					taken, free = append(taken, ""), len(taken)
				}
				if index = c.Add([]byte(id)); index != uint32(free) {
					t.Fatalf("%q gets index %d, want %d", id, index, free)
				}
				taken[free], want[id] = id, index
			case rapid.Bool().Draw(t, "leaves"):
				c.Remove(index)
				taken[index] = ""
				delete(want, id)
			}
			if !frozen && rapid.IntRange(0, 20).Draw(t, "freeze") == 0 {
				frozen = true
				shared, then := c.Freeze(), slices.Clone(taken)
				check = func() {
					var got []string
					shared.each(func(id []byte, _ *Customer) { got = append(got, string(id)) })
					if !slices.Equal(got, then) {
						t.Fatalf("frozen were %q, want %q", got, then)
					}
				}
			}
		}
		check()
		for id, index := range want {
			if string(c.ID(index)) != id {
				t.Fatalf("index %d is %q, want %q", index, c.ID(index), id)
			}
		}
		if c.Len() != len(want) || int(c.Count) != len(taken) {
			t.Fatalf("%d customers of %d, want %d of %d", c.Len(), c.Count, len(want), len(taken))
		}
	})
}

// Ids that nobody has any more do not take memory without end.
func TestTheArenaIsCompacted(t *testing.T) {
	c := New(0)
	long := func(i int) []byte { return fmt.Appendf(nil, "%0200d", i) }
	for i := range 20_000 {
		index := c.Add(long(i))
		if i >= 100 {
			before, known := c.Find(long(i - 100))
			if !known {
				t.Fatalf("customer %d is lost", i-100)
			}
			c.Remove(before)
		}
		if !bytes.Equal(c.ID(index), long(i)) {
			t.Fatalf("customer %d is %q", i, c.ID(index))
		}
	}
	if c.Len() != 100 || c.Count > 101 || len(c.arena) > 4 {
		t.Errorf("%d customers, %d indices, %d chunks", c.Len(), c.Count, len(c.arena))
	}
}
