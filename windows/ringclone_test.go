package windows

import (
	"bytes"
	"testing"
)

// What happens to a ring after it was cloned does not show in the clone.
func TestCloneOfARingStaysAsItIs(t *testing.T) {
	ring, err := NewRing(RingConfig{Lateness: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	see := func(from, to uint64) {
		for i := from; i < to; i++ {
			ring.Seen([2]uint64{i * 0x9e3779b97f4a7c15, i}, int64(i))
		}
	}
	see(0, 5000)
	want, err := ring.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	clone := ring.Clone()
	see(4000, 9000)
	ring.Expire(2_000_000)
	see(2_000_000, 2_000_100)
	if got, err := clone.AppendBinary(nil); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes of the clone, %v, and %d of the ring when it was cloned", len(got), err, len(want))
	}
}
