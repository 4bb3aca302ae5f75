package windows

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// A ring whose lateness is raised and lowered goes on to know what it knew, also
// where its slices are joined, packed ones too.
func TestRingReconfigureKeepsWhatIsKnown(t *testing.T) {
	r := newRing(t, 10*minute)
	random := rand.New(rand.NewPCG(1, 2))
	known := map[identity]int64{}
	clock := benchStart
	add := func(n int) {
		for range n {
			clock += random.Int64N(300)
			id := identity{random.Uint64(), random.Uint64()}
			at := clock - random.Int64N(minute)
			if r.Seen(id, at) {
				t.Fatal("a new identity is known")
			}
			known[id] = at
		}
	}
	check := func(what string, from int64) {
		t.Helper()
		for id, at := range known {
			if at >= from && (!r.Known(id, at) || !r.Seen(id, at)) {
				t.Fatalf("%s: an identity of %d ms before the clock is forgotten", what, clock-at)
			}
		}
	}
	add(3000)
	for i := range r.slices { // as if there were many more
		r.slices[i].pack()
		r.slices[i].table = r.free.take(0)
	}
	check("packed", clock-10*minute)
	shift := r.shift
	if err := r.Reconfigure(RingConfig{Lateness: 31 * day}); err != nil || r.shift <= shift {
		t.Fatalf("slices of 2^%d ms, before 2^%d: %v", r.shift, shift, err)
	}
	check("31 days", clock-10*minute)
	add(3000)
	r.Expire(clock)
	check("31 days, with more", clock-10*minute)
	r = reloadRing(t, r, 31*day)
	if err := r.Reconfigure(RingConfig{Lateness: minute, Most: 10_000_000}); err != nil {
		t.Fatal(err)
	}
	add(10)
	r.Expire(clock)
	check("a minute", clock-minute)
	if err := r.Reconfigure(RingConfig{Lateness: minute, Anywhere: true}); !errors.Is(err, ErrConfig) {
		t.Errorf("anywhere: %v", err)
	}
	if err := r.Reconfigure(RingConfig{Lateness: -1}); !errors.Is(err, ErrConfig) {
		t.Errorf("a lateness of -1: %v", err)
	}
	if r.Known(identity{1, 2}, clock) {
		t.Error("what never came is known")
	}
}
