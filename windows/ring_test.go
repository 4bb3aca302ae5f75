package windows

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// The ring agrees with a plain map for every event that is not late.
func TestRingAgreesWithMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lateness := rapid.Int64Range(0, 20*minute).Draw(t, "lateness")
		r := newRing(t, lateness)
		seen := map[identity]bool{}
		clock := rapid.SampledFrom(origins).Draw(t, "origin")

		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			clock += rapid.OneOf(rapid.Int64Range(0, 1000), rapid.Int64Range(0, 5*minute)).Draw(t, "pause")
			at := rapid.Int64Range(clock-lateness, clock+5*minute).Draw(t, "time")
			// The time is part of the identity, and few bits of it differ.
			id := identity{uint64(rapid.IntRange(0, 9).Draw(t, "id")) * 1024, uint64(at)}

			if rapid.IntRange(0, 20).Draw(t, "zero") == 0 {
				id = identity{}
				if at >= minute || at < 0 {
					continue
				}
			}

			if got := r.Seen(id, at); got != seen[id] {
				t.Fatalf("Seen(%v, %d) = %v", id, at, got)
			}

			seen[id] = true

			if !r.Seen(id, at) {
				t.Fatalf("Seen(%v, %d) forgets at once", id, at)
			}

			switch rapid.IntRange(0, 5).Draw(t, "then") {
			case 0:
				r.Expire(clock)
			case 1:
				r = reloadRing(t, r, lateness)
			}
		}
	})
}

func newRing(t require, lateness int64) *Ring {
	r, err := NewRing(lateness)
	if err != nil {
		t.Fatalf("NewRing: %v", err)
	}

	return r
}

func reloadRing(t require, r *Ring, lateness int64) *Ring {
	image, _ := r.AppendBinary(nil)

	again, err := RestoreRing(lateness, image)
	if err != nil {
		t.Fatalf("RestoreRing: %v", err)
	}

	other, _ := again.AppendBinary([]byte("prefix"))
	if !bytes.Equal(other[len("prefix"):], image) || again.Len() != r.Len() {
		t.Fatalf("the restored ring has other bytes")
	}

	return again
}

// Slices go when their end reaches the watermark, not before.
func TestRingExpires(t *testing.T) {
	r := newRing(t, 10*minute)
	id := identity{1, 2}
	r.Seen(id, 30_000)
	r.Seen(identity{}, 30_000)

	r.Expire(11*minute - 1)

	if !r.Seen(id, 30_000) || r.Len() != 2 {
		t.Error("an identity went too early")
	}

	r.Expire(11 * minute)

	if r.Len() != 0 {
		t.Errorf("%d identities stay beyond the lateness", r.Len())
	}

	if r.Seen(identity{}, 12*minute) {
		t.Error("a reused table remembers what it held")
	}
}

func TestRingDoesNotAllocate(t *testing.T) {
	r := newRing(t, 10*minute)
	clock, n := benchStart, uint64(0)
	work := func() {
		for range 1000 {
			clock += 50
			n++
			r.Seen(identity{n * 0x9E3779B97F4A7C15, n}, clock)
		}

		r.Expire(clock)
	}

	for range 100 {
		work()
	}

	if allocs := testing.AllocsPerRun(200, work); allocs > 0.1 {
		t.Errorf("%.2f allocations per 1000 events", allocs)
	}

	if got := r.Bytes(); got > int64(r.Len())*64 {
		t.Errorf("%d bytes for %d identities", got, r.Len())
	}
}
