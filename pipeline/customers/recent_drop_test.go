package customers

import (
	"fmt"
	"testing"
)

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
