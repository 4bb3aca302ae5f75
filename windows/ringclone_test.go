package windows

import (
	"bytes"
	"runtime"
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

// A clone is encoded as it was while the ring goes on: with identities of its
// slices, new slices, packed and forgotten ones. The race detector looks on.
func TestCloneIsEncodedWhileTheRingGoesOn(t *testing.T) {
	const perSecond, seconds = 6000, 60
	ring, err := NewRing(RingConfig{Lateness: 40_000, Most: 5 * hotIdentities})
	if err != nil {
		t.Fatal(err)
	}
	count := uint64(0)
	see := func(second, n int64) {
		for i := range n {
			count++
			ring.Seen([2]uint64{count * 0x9e3779b97f4a7c15, count}, second*1000+i*1000/n)
		}
	}
	for second := range int64(seconds) {
		see(second, perSecond)
	}
	for round := range int64(4) {
		want, err := ring.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		clone, encoded := ring.Clone(), make(chan []byte)
		go func() {
			data, _ := clone.AppendBinary(nil) // always nil
			encoded <- data
		}()
		now := seconds + 5*round
		for second := now - 30; second < now+5; second++ {
			see(second, 500)
			ring.Expire(second * 1000)
		}
		if got := <-encoded; !bytes.Equal(got, want) {
			t.Fatalf("round %d: the clone is not what the ring was", round)
		}
	}
}

// Cloning takes some bytes a slice, whatever is in it.
func TestCloneCopiesNoIdentities(t *testing.T) {
	ring, err := NewRing(RingConfig{Lateness: 600_000})
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(300_000) {
		ring.Seen([2]uint64{i * 0x9e3779b97f4a7c15, i}, int64(2*i))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	clone := ring.Clone()
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 256<<10 {
		t.Errorf("cloning %d identities, which take %d bytes, took %d bytes; want less than 256 KiB", clone.Len(), ring.Bytes(), took)
	}
}
