package windows

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/zeebo/xxh3"
	"pgregory.net/rapid"
)

// A set of packed identities behaves like a map of their keys, whether these
// lie evenly or not.
func TestPackedAgreesWithMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 300), rapid.Uint64Range(1<<64-300, 1<<64-1))
		want := map[uint64]bool{}
		p := &packed{}
		for range rapid.IntRange(1, 3).Draw(t, "merges") {
			fresh := map[uint64]bool{}
			for _, key := range rapid.SliceOf(draw).Draw(t, "keys") {
				if !want[key] {
					want[key], fresh[key] = true, true
				}
			}
			p = &packed{merge(p.keys, ascending(fresh))}
		}
		for _, key := range append(rapid.SliceOf(draw).Draw(t, "others"), p.keys...) {
			if got := p.has(key); got != want[key] {
				t.Fatalf("has(%d) = %v among %d", key, got, p.len())
			}
		}
		if p.len() != len(want) {
			t.Fatalf("%d keys, want %d", p.len(), len(want))
		}
	})
}

func ascending(set map[uint64]bool) []uint64 { return slices.Sorted(maps.Keys(set)) }

// Keys come out in order, wherever they lie.
func TestSortEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 1<<20), rapid.Uint64Range(1<<64-500, 1<<64-1))
		keys := rapid.SliceOfN(draw, 0, 500).Draw(t, "keys")
		want := slices.Sorted(slices.Values(keys))
		if got := sortEven(keys); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func hashed(n uint64) identity {
	sum := xxh3.Hash128(binary.LittleEndian.AppendUint64(nil, n))

	return identity{sum.Hi, sum.Lo}
}

// A month of lateness: what lies beyond the newest identities takes 8 bytes
// each, is still told from what is new, and goes when it is late. The bytes of
// a ring that was reloaded in between are the same.
func TestRingPacksOldIdentities(t *testing.T) {
	const n = 4 * hotIdentities
	r := newRing(t, 31*day)
	step := 25 * day / n
	timeOf := func(i uint64) int64 { return benchStart + int64(i)*step }
	for i := range uint64(n) {
		if r.Seen(hashed(i), timeOf(i)) {
			t.Fatalf("event %d is new", i)
		}
		if i%50_000 == 0 {
			r.Expire(timeOf(i))
		}
	}
	r.Expire(timeOf(n))
	r = reloadRing(t, r, 31*day)
	if got, most := r.Bytes(), int64(100*hotIdentities+9*n); got > most {
		t.Errorf("%d bytes for %d identities, want at most %d", got, r.Len(), most)
	}
	if image, _ := r.AppendBinary(nil); len(image) > 17*hotIdentities+8*n {
		t.Errorf("a snapshot of %d identities takes %d bytes", r.Len(), len(image))
	}
	// Late ones, new and known in turns, for every slice.
	for i := uint64(0); i < n; i += 7 {
		if !r.Seen(hashed(i), timeOf(i)) {
			t.Fatalf("event %d was forgotten", i)
		}
		if late := hashed(n + i); r.Seen(late, timeOf(i)) || !r.Seen(late, timeOf(i)) {
			t.Fatalf("late event %d", i)
		}
	}
	r.Expire(timeOf(n))
	for i := uint64(0); i < n; i += 7 {
		if !r.Seen(hashed(n+i), timeOf(i)) {
			t.Fatalf("late event %d was forgotten when it was packed", i)
		}
	}
	if r.Len() != n+(n+6)/7 || r.Floor() != MinTime {
		t.Errorf("%d identities, floor %d", r.Len(), r.Floor())
	}
	r.Expire(timeOf(n) + 32*day)
	if r.Len() != 0 {
		t.Errorf("%d identities stay beyond the lateness", r.Len())
	}
}

// Beyond its bound the ring forgets the oldest, says up to when, and never what
// is newer than that.
func TestRingIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(1, 400).Draw(t, "most")
		config := RingConfig{Lateness: 31 * day, Most: most}
		r, err := NewRing(config)
		if err != nil {
			t.Fatal(err)
		}
		clock, known := benchStart, map[uint64]int64{}
		for i := range uint64(rapid.IntRange(1, 600).Draw(t, "events")) {
			clock += rapid.Int64Range(0, 3*hour).Draw(t, "pause")
			at := clock - rapid.Int64Range(0, day).Draw(t, "late")
			if at < r.Floor() {
				continue
			}
			known[i] = at
			r.Seen(hashed(i), at)
			if rapid.IntRange(0, 9).Draw(t, "cut") > 0 {
				continue
			}
			r.Expire(clock)
			if newest := r.slices[len(r.slices)-1].len(); r.Len() > max(most, newest) {
				t.Fatalf("%d identities, at most %d", r.Len(), most)
			}
			if image, _ := r.AppendBinary(nil); rapid.Bool().Draw(t, "reload") {
				if r, err = RestoreRing(config, image); err != nil {
					t.Fatal(err)
				}
			}
		}
		for i, at := range known {
			if at >= r.Floor() && !r.Seen(hashed(i), at) {
				t.Fatalf("event %d at %d was forgotten, floor %d", i, at, r.Floor())
			}
		}
	})
}

// Without a time of its own an identity is known whenever it came.
func TestRingFindsIdentitiesAnywhere(t *testing.T) {
	config := RingConfig{Lateness: day, Anywhere: true}
	r, err := NewRing(config)
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(48) {
		at := benchStart + i*hour
		if r.Seen(hashed(uint64(i)), at) {
			t.Fatalf("%d is new", i)
		}
		r.Expire(at)
		for back := range min(i, 24) {
			if !r.Seen(hashed(uint64(i-back)), at) {
				t.Fatalf("after %d h, the identity of %d h before was forgotten", i, back)
			}
		}
		image, _ := r.AppendBinary(nil)
		if r, err = RestoreRing(config, image); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.slices) > 1<<sliceCountAny+1 {
		t.Errorf("%d slices are asked for every event", len(r.slices))
	}
}

// Identities that were chosen to stand beside each other don't.
func TestRingWithstandsChosenIdentities(t *testing.T) {
	r := newRing(t, 10*minute)
	for i := range uint64(20_000) {
		r.Seen(identity{i << 32, i}, benchStart)
	}
	s := &r.slices[0]
	longest, run := 0, 0
	for group := range 2 * len(s.table.tags) { // around the end
		if s.table.tags[group%len(s.table.tags)]&highBits == highBits {
			run++
		} else {
			run = 0
		}
		longest = max(longest, run)
	}
	if longest > 200 {
		t.Errorf("%d groups in a row are full, of %d", longest, len(s.table.tags))
	}
}

func ExampleRing_Floor() {
	ring, err := NewRing(RingConfig{Lateness: day, Most: 2})
	if err != nil {
		fmt.Println(err)
	}
	for i := range int64(4) {
		ring.Seen(identity{1, uint64(i)}, i*hour)
	}
	ring.Expire(3 * hour)
	fmt.Println(ring.Len(), ring.Floor() > hour, ring.Floor() <= 2*hour)
	// Output: 2 true true
}

func BenchmarkPackedMiss(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	set := map[uint64]bool{}
	for range 20_000 {
		set[random.Uint64()] = true
	}
	var s ringSet
	s.table = newTable(groupsFor(len(set)))
	m := newMixer()
	for key := range set {
		s.insert(m, identity{key, key})
	}
	s.pack()
	for b.Loop() {
		s.packed.has(random.Uint64())
	}
}
