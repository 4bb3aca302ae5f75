package scan

import "testing"

// The set of names outlives its count of events.
func TestNameSetWraps(t *testing.T) {
	var s nameSet

	s.seed = New().set.seed

	if !s.add(1, []byte("a")) || s.add(1, []byte("a")) || !s.add(2, []byte("a")) {
		t.Fatal("a set that forgets or confuses")
	}

	for _, epoch := range []uint32{1, 1<<32 - 2, 1<<32 - 1, 1} {
		s.epoch = epoch
		s.clear()

		if !s.add(1, []byte("a")) || s.add(1, []byte("a")) {
			t.Fatalf("after epoch %d: a set that remembers or forgets", epoch)
		}
	}
}
