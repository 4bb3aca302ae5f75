package customers

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// widths are some with and without room between customers.
var widths = []int{0, 1, 2, 9, 60, 64, 226}

// Columns are of their customer, whoever comes, changes and leaves, and of their place
// where they are frozen.
func TestColumnsAreOfTheirCustomer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.SampledFrom(widths).Draw(t, "width")
		c := New(width)
		var want [][]byte // by index, nil for nobody
		all := func() (out []byte) {
			for _, bytes := range want {
				out = append(out, append(slices.Clone(bytes), make([]byte, width-len(bytes))...)...)
			}

			return out
		}
		var frozen *FrozenColumns
		var then []byte
		check := func() {
			if frozen == nil {
				return
			}
			if got := frozen.AppendBinary(nil); !bytes.Equal(got, then) {
				t.Fatalf("frozen were %x, want %x", got, then)
			}
			frozen = nil
		}
		for step := range rapid.IntRange(1, 200).Draw(t, "steps") {
			who := rapid.IntRange(0, len(want)).Draw(t, "who")
			switch {
			case who == len(want) || want[who] == nil:
				index := c.Add(fmt.Appendf(nil, "c%d", step))
				if int(index) == len(want) {
					want = append(want, nil)
				}
				want[index] = make([]byte, width)
			case rapid.IntRange(0, 5).Draw(t, "leaves") == 0:
				c.Remove(uint32(who))
				want[who] = nil
			default:
				for i := range width {
					want[who][i] = byte(step)
					c.Columns(uint32(who))[i] = byte(step)
				}
			}
			if rapid.IntRange(0, 30).Draw(t, "reshaped") == 0 {
				to := rapid.SampledFrom(widths).Draw(t, "width")
				c.Reshape(to, func(to, from []byte) { copy(to, from) })
				for i := range want {
					if want[i] != nil {
						want[i] = append(want[i], make([]byte, max(0, to-width))...)[:to]
					}
				}
				width = to
			}
			switch rapid.IntRange(0, 20).Draw(t, "frozen") {
			case 0:
				before, of := frozen, then
				frozen, then = c.FreezeColumns(), all()
				if before != nil && !bytes.Equal(before.AppendBinary(nil), of) {
					t.Fatal("the first of two frozen ones has changed")
				}
			case 1:
				check()
			}
		}
		check()
		for index, bytes := range want {
			if bytes != nil && !slices.Equal(c.PeekColumns(uint32(index)), bytes) {
				t.Fatalf("columns of %d are %x, want %x", index, c.PeekColumns(uint32(index)), bytes)
			}
		}
	})
}

// Another goroutine encodes them while the table goes on.
func TestFrozenColumnsStayAsTheyWere(t *testing.T) {
	const people, width = 3*SlabSize + 17, 5
	c := New(width)
	for i := range people {
		c.Add(fmt.Appendf(nil, "c%d", i))
	}
	change := func(to byte) {
		for index := range c.Count {
			for i := range width {
				c.Columns(index)[i] = to
			}
		}
	}
	for round := range byte(8) {
		change(round)
		frozen := c.FreezeColumns()
		var got []byte
		var encoding sync.WaitGroup
		encoding.Go(func() { got = frozen.AppendBinary(nil) })
		change(round + 100)
		c.Add(fmt.Appendf(nil, "another %d", round))
		encoding.Wait()
		if len(got) != (people+int(round))*width || bytes.Count(got, []byte{round}) != len(got) {
			t.Fatalf("round %d: %d bytes, of which %d are as they were", round, len(got), bytes.Count(got, []byte{round}))
		}
	}
	if c.Columns(0); c.columns.frozen != nil {
		t.Error("the table still shares what is encoded")
	}
}
