package customers

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The table of customers behaves like a map from id to index.
func TestCustomersAreAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, want := New(0), map[string]uint32{}
		ids := rapid.SliceOf(rapid.OneOf(
			rapid.StringMatching(`c[0-9]{1,4}`),
			rapid.Custom(func(t *rapid.T) string { return strings.Repeat("x", rapid.IntRange(1, 256).Draw(t, "length")) }),
		)).Draw(t, "ids")
		for _, id := range ids {
			index, known := c.Find([]byte(id))
			held, ok := want[id]
			if known != ok || known && index != held {
				t.Fatalf("%q: %d %v, want %d %v", id, index, known, held, ok)
			}
			if !known {
				want[id] = c.Add([]byte(id))
			}
		}
		for id, index := range want {
			if string(c.ID(index)) != id {
				t.Fatalf("index %d is %q, want %q", index, c.ID(index), id)
			}
		}
		if c.Len() != len(want) {
			t.Fatalf("%d customers, want %d", c.Len(), len(want))
		}
	})
}

func TestCustomersGrow(t *testing.T) {
	c := New(0)
	const n = 50_000
	for i := range n {
		c.Add(fmt.Appendf(nil, "customer-%d", i))
	}
	for i := range n {
		id := fmt.Appendf(nil, "customer-%d", i)
		if index, known := c.Find(id); !known || index != uint32(i) {
			t.Fatalf("%s: %d %v", id, index, known)
		}
	}
}
