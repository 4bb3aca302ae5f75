package windows

import (
	"bytes"
	"math/rand/v2"
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
				if at>>r.shift != 0 { // it has no time of its own
					continue
				}
			}

			if rapid.Bool().Draw(t, "approached") {
				r.Approach(id, at)
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
	r, err := NewRing(RingConfig{Lateness: lateness})
	if err != nil {
		t.Fatalf("NewRing: %v", err)
	}

	return r
}

func reloadRing(t require, r *Ring, lateness int64) *Ring {
	image, _ := r.AppendBinary(nil)

	again, err := RestoreRing(RingConfig{Lateness: lateness}, image)
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

	const end = 30 * 1024 // of the slice

	r.Expire(10*minute + end - 1)

	if !r.Seen(id, 30_000) || r.Len() != 2 {
		t.Error("an identity went too early")
	}

	r.Expire(10*minute + end)

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

// However long the lateness, there are about a thousand slices.
func TestRingSlices(t *testing.T) {
	for _, lateness := range []int64{0, 1, 10 * minute, 20 * minute, day, 31 * day, maxDuration} {
		r := newRing(t, lateness)

		if n := lateness >> r.shift; n >= 1<<sliceCount || n < 1<<(sliceCount-1) && r.shift > leastShift || r.shift > mostShift {
			t.Errorf("%d slices of 2^%d ms for a lateness of %d ms", n, r.shift, lateness)
		}
	}
}

// A ring that is restored for another lateness still knows what it has seen.
func TestRingRestoredForAnotherLateness(t *testing.T) {
	r := newRing(t, 10*minute)
	r.Seen(identity{1, 2}, 30_000)

	again := reloadRing(t, r, 31*day)

	if !again.Seen(identity{1, 2}, 30_000) || again.Seen(identity{1, 2}, 60_000) {
		t.Error("identities are in other slices than before")
	}
}

func BenchmarkRingBusy(b *testing.B) {
	const perMillisecond = 100 // a busy shard

	r := newRing(b, 10*minute)
	random := rand.New(rand.NewPCG(1, 2))
	n := int64(0)

	b.ReportAllocs()

	for b.Loop() {
		clock := benchStart + n/perMillisecond
		if n++; n%(1000*perMillisecond) == 0 {
			r.Expire(clock)
		}

		r.Seen(identity{random.Uint64(), random.Uint64()}, clock-random.Int64N(3000))
	}
}
