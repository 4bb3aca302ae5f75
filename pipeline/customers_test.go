package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The table of customers behaves like a map from id to index.
func TestCustomersAreAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, want := newCustomers(), map[string]uint32{}
		ids := rapid.SliceOf(rapid.OneOf(
			rapid.StringMatching(`c[0-9]{1,4}`),
			rapid.Custom(func(t *rapid.T) string { return strings.Repeat("x", rapid.IntRange(1, 256).Draw(t, "length")) }),
		)).Draw(t, "ids")
		for _, id := range ids {
			index, known := c.find([]byte(id))
			held, ok := want[id]
			if known != ok || known && index != held {
				t.Fatalf("%q: %d %v, want %d %v", id, index, known, held, ok)
			}
			if !known {
				want[id] = c.add([]byte(id))
			}
		}
		for id, index := range want {
			if string(c.id(index)) != id {
				t.Fatalf("index %d is %q, want %q", index, c.id(index), id)
			}
		}
		if c.len() != len(want) {
			t.Fatalf("%d customers, want %d", c.len(), len(want))
		}
	})
}

func TestCustomersGrow(t *testing.T) {
	c := newCustomers()
	const n = 50_000
	for i := range n {
		c.add(fmt.Appendf(nil, "customer-%d", i))
	}
	for i := range n {
		id := fmt.Appendf(nil, "customer-%d", i)
		if index, known := c.find(id); !known || index != uint32(i) {
			t.Fatalf("%s: %d %v", id, index, known)
		}
	}
}
