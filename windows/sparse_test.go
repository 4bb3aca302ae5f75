package windows

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A table agrees with a map, also after taking entries out.
func TestWordTableAgreesWithMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var table wordTable

		want := map[uint64]uint64{}
		ids := rapid.Uint64Range(0, 40)

		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			id := ids.Draw(t, "id")

			if rapid.IntRange(0, 2).Draw(t, "remove") == 0 {
				table.remove(id)
				delete(want, id)
			} else {
				word := rapid.Uint64Min(1).Draw(t, "word")
				table.put(id, word)
				want[id] = word
			}

			for id := range uint64(41) {
				if got := table.get(id); got != want[id] {
					t.Fatalf("get(%d) = %d, want %d", id, got, want[id])
				}
			}

			if table.used != len(want) {
				t.Fatalf("%d entries, want %d", table.used, len(want))
			}
		}
	})
}

// Neighbors are found in the same block, in others, and not beyond the reach.
func TestActiveSetsFindNeighbors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s activeSets

		active := map[int64]bool{}
		reach := rapid.Int64Range(1, 300).Draw(t, "reach")

		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			slice := rapid.Int64Range(-600, 600).Draw(t, "slice")

			got, fresh := s.mark(activeID(1, 2), slice, reach)
			if fresh == active[slice] {
				t.Fatalf("slice %d: fresh %v", slice, fresh)
			}

			if fresh {
				checkNeighbors(t, got, active, slice, reach)
			}

			active[slice] = true
		}
	})
}

// A number that goes to another customer leaves no block behind that nothing is in: the
// state could not be read again.
func TestStateIsReadAfterANumberIsGivenAway(t *testing.T) {
	c := Config{Lengths: []Length{{"1s", 1000, 1000}}, Lateness: 10_000_000, DistinctKeys: 1}
	s := newSubject(t, c)
	for i := range int64(9) {
		s.add(fact{customer: 1, t: i * 1_000_000})
		s.activities = map[person]*Activity{} // the next one with the number is somebody else
	}
	s.reload(t)
}

// A state of before, which kept such blocks, is read, and they are gone.
func TestStatesWithEmptyBlocksAreRead(t *testing.T) {
	c := Config{Lengths: []Length{{"1s", 1000, 1000}}, Lateness: 10_000_000, DistinctKeys: 1}
	s := newSubject(t, c)
	s.add(fact{customer: 1, t: 9_000_000})
	want, _ := s.AppendBinary(nil)
	held := &s.tiers[0].sparse.blocks
	for i := range int64(9) {
		*held = slices.Insert(*held, int(i), block{index: 10 * i})
	}
	former, _ := s.AppendBinary(nil)
	restored, err := Restore(c, former)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := restored.AppendBinary(nil); bytes.Equal(former, want) || !bytes.Equal(got, want) {
		t.Error("the state is not what it is without empty blocks")
	}
}

func checkNeighbors(t require, got neighbors, active map[int64]bool, slice, reach int64) {
	nearest := func(step int64) int64 {
		for d := int64(1); d <= reach; d++ {
			if active[slice+step*d] {
				return d
			}
		}

		return 0
	}

	// Further away than the reach it does not matter what is found.
	within := func(d int64) int64 {
		if d > reach {
			return 0
		}

		return d
	}

	if within(got.before) != nearest(-1) || within(got.after) != nearest(1) {
		t.Fatalf("slice %d has neighbors %v, want %d and %d", slice, got, nearest(-1), nearest(1))
	}
}
