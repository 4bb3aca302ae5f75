package huge

import (
	"math/rand/v2"
	"testing"
)

// TestPagesKeepsWhatItIsGiven shows that asking changes nothing but the pages, for slices
// below a page, of a page and more, and for none.
func TestPagesKeepsWhatItIsGiven(t *testing.T) {
	for _, size := range []int{0, 1, least, Page - 1, 3*Page + 1} {
		made := make([]byte, size)
		for i := range made {
			made[i] = byte(i)
		}
		beside := append([]byte(nil), made...)
		got := Pages(made)
		if len(got) != size || size > 0 && &got[0] != &made[0] {
			t.Fatalf("Pages of %d bytes returned another slice", size)
		}
		clone := Clone(made)
		for i := range got {
			if got[i] != byte(i) || beside[i] != byte(i) || clone[i] != byte(i) {
				t.Fatalf("of %d bytes, that at %d has changed", size, i)
			}
		}
		if size > 0 && &clone[0] == &made[0] {
			t.Fatalf("a clone of %d bytes is the slice itself", size)
		}
	}
}

// BenchmarkRandomReads says what huge pages are worth to a table of a million customers
// with 256 bytes each: every read asks for a line that the one before tells.
func BenchmarkRandomReads(b *testing.B) {
	const lines, stride = 1 << 20, 256

	for _, kind := range []struct {
		name string
		make func() []byte
	}{
		{"small", func() []byte { return make([]byte, lines*stride) }},
		{"huge", func() []byte { return Pages(make([]byte, lines*stride)) }},
	} {
		b.Run(kind.name, func(b *testing.B) {
			table := kind.make()
			random := rand.New(rand.NewPCG(1, 2))
			for line := range lines {
				table[line*stride] = byte(random.Uint32())
			}
			var at uint32
			for b.Loop() {
				at = (at*1664525 + 1013904223 + uint32(table[at%lines*stride])) % lines
			}
			if at >= lines {
				b.Fatal(at) // so that the reads are not left out
			}
		})
	}
}
