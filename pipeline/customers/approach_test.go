package customers

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// Whoever was approached, and whatever became of them since, Find finds who is there.
func TestFindAfterAnApproach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, want := New(rapid.SampledFrom([]int{0, 1, 60, 226}).Draw(t, "width")), map[string]uint32{}
		draw := func() string { return fmt.Sprintf("c%d", rapid.IntRange(0, 40).Draw(t, "who")) }
		for range rapid.IntRange(1, 300).Draw(t, "steps") {
			c.Expect([]byte(draw()))
			c.Approach([]byte(draw()))
			id := draw()
			index, known := c.Find([]byte(id))
			held, there := want[id]
			if known != there || known && index != held {
				t.Fatalf("%q: %d %v, want %d %v", id, index, known, held, there)
			}
			switch {
			case !known:
				want[id] = c.Add([]byte(id))
			case rapid.Bool().Draw(t, "leaves"):
				c.Remove(index)
				delete(want, id)
			}
		}
	})
}

// An approach to a customer who is known spares Find the way through the slots.
func TestApproachFindsWhoItIs(t *testing.T) {
	c := New(0)
	for i := range 300 {
		c.Add(fmt.Appendf(nil, "c%d", i))
	}
	for i := range uint32(300) {
		if index, likely := c.Approach(fmt.Appendf(nil, "c%d", i)); index != i || !likely || c.near != i {
			t.Fatalf("c%d is taken for %d, %v", i, index, likely)
		}
	}
	if index, likely := c.Approach([]byte("nobody")); likely {
		t.Fatalf("nobody is taken for %d", index)
	}
}
