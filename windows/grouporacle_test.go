package windows

import (
	"maps"
	"math/big"
	"slices"
)

// joiner does what the reader of a group does: of the rows of one Advance it
// puts those of a group, length and end side by side, takes the missing ones for
// zero, and keeps the last version.
type joiner struct {
	groups  []group
	vectors map[vectorKey][]Row
}

// vectorKey is a row of several figures; first is the group's first key.
type vectorKey struct {
	length int
	end    int64
	first  Key
}

func newJoiner(groups []group) *joiner {
	return &joiner{groups: groups, vectors: map[vectorKey][]Row{}}
}

// take joins the rows of one Advance.
func (j *joiner) take(t require, rows []Row) {
	done := map[vectorKey]bool{}

	for len(rows) > 0 {
		g, ok := j.groupOf(rows[0].Key)
		if !ok {
			rows = rows[1:]
			continue
		}

		at := vectorKey{rows[0].Length, rows[0].End, g.first}
		if done[at] {
			t.Fatalf("the rows of %v are apart, or there are two of a key", at)
		}

		done[at] = true
		j.vectors[at] = zeroVector(at, g)
		last := int64(-1)

		for len(rows) > 0 && rows[0].Length == at.length && rows[0].End == at.end && g.holds(rows[0].Key) && int64(rows[0].Key) > last {
			last = int64(rows[0].Key)
			j.vectors[at][rows[0].Key-g.first] = rows[0]
			rows = rows[1:]
		}
	}
}

func (j *joiner) groupOf(key Key) (group, bool) {
	for _, g := range j.groups {
		if g.holds(key) {
			return g, true
		}
	}

	return group{}, false
}

func zeroVector(at vectorKey, g group) []Row {
	v := make([]Row, g.width)
	for i := range v {
		v[i] = Row{Length: at.length, End: at.end, Key: g.first + Key(i)}
	}

	return v
}

// vectors computes from the definitions alone which vectors there are up to a
// clock, and what they hold: one exists where the window, or the one that ends
// one slide earlier, holds an event of any of the keys.
func (o *oracle) vectors(clock int64) map[vectorKey][]Row {
	out := map[vectorKey][]Row{}
	sums := map[rowKey]*big.Int{}
	groups := newJoiner(o.groups)

	for _, f := range o.facts {
		g, ok := groups.groupOf(f.key)
		if !ok {
			continue
		}

		for i, l := range o.config.Lengths {
			for _, end := range ends(l, f.t) {
				if end > clock || !l.Window(end).Contains(f.t) && !l.Window(end-l.Slide).Contains(f.t) {
					continue
				}

				at := vectorKey{i, end, g.first}
				if out[at] == nil {
					out[at] = zeroVector(at, g)
				}

				if !l.Window(end).Contains(f.t) {
					continue
				}

				key := rowKey{i, end, f.key}
				if sums[key] == nil {
					sums[key] = new(big.Int)
				}

				sums[key].Add(sums[key], new(big.Int).Lsh(big.NewInt(f.value), f.wide))
				out[at][f.key-g.first].Events++
			}
		}
	}

	for at, v := range out {
		for i := range v {
			if sum := sums[rowKey{at.length, at.end, v[i].Key}]; sum != nil {
				v[i].Sum = sumOf(sum)
			}
		}
	}

	return out
}

func compareVectors(t require, got, want map[vectorKey][]Row) {
	if maps.EqualFunc(got, want, slices.Equal[[]Row]) {
		return
	}

	for at, v := range got {
		if !slices.Equal(v, want[at]) {
			t.Fatalf("%v is\n     %v\nwant %v", at, v, want[at])
		}
	}

	for at, v := range want {
		if got[at] == nil {
			t.Fatalf("%v is missing: %v", at, v)
		}
	}
}
