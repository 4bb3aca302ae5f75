package windows

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGroupRefuses(t *testing.T) {
	s := newSubject(t, defaultConfig())
	s.declare(t, group{10, 5})
	s.declare(t, group{20, 5})

	for _, c := range []struct {
		first Key
		width int
		want  string
	}{
		{30, 0, "width 0, give 1 to 64"},
		{30, -1, "width -1, give 1 to 64"},
		{30, MaxGroupWidth + 1, "width 65, give 1 to 64"},
		{MaxKeys - 4, 5, "leads beyond the last key"},
		{MaxKeys, 1, "leads beyond the last key"},
		{1<<32 - 1, 2, "leads beyond the last key"},
		{3, 2, "keys less than 4 count distinct customers"},
		{0, 1, "keys less than 4 count distinct customers"},
		{10, 4, "overlaps the group of key 10 and width 5"},
		{10, 6, "overlaps the group of key 10 and width 5"},
		{9, 2, "overlaps the group of key 10 and width 5"},
		{14, 1, "overlaps the group of key 10 and width 5"},
		{11, 2, "overlaps the group of key 10 and width 5"},
		{14, 8, "overlaps the group of key 10 and width 5"},
		{15, 6, "overlaps the group of key 20 and width 5"},
		{4, 64, "overlaps the group of key 10 and width 5"},
	} {
		if err := s.Group(c.first, c.width); !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Group(%d, %d) gives %v, want %q", c.first, c.width, err, c.want)
		}
	}

	if want := []group{{10, 5}, {20, 5}}; !slices.Equal(s.groups, want) {
		t.Errorf("the groups are %v, want %v", s.groups, want)
	}
}

func TestGroupsAtTheBounds(t *testing.T) {
	s := newSubject(t, defaultConfig())

	want := []group{{4, 1}, {5, 5}, {10, 64}, {74, 1}, {MaxKeys - 64, 64}}
	for _, i := range []int{2, 4, 0, 1, 3, 3, 0, 2} {
		s.declare(t, want[i])
	}

	if !slices.Equal(s.groups, want) {
		t.Errorf("the groups are %v, want %v", s.groups, want)
	}

	// All keys of the widest group, the last ones there are, and one late.
	for key := Key(MaxKeys - 64); key < MaxKeys; key++ {
		s.add(fact{key: key, t: 0, value: int64(key)})
	}

	s.advance(minute)
	s.add(fact{key: MaxKeys - 1, t: 0})

	rows := s.advance(minute)
	if len(rows) != 2*64 {
		t.Errorf("%d rows, want 64 of 1m and 64 of 5m", len(rows))
	}
}

// drawGroups gives groups from the first key that counts no customers on, with
// and without keys between them, and all keys.
func drawGroups(t *rapid.T, c Config) (groups []group, keys []int) {
	keys = []int{0, 1, 2, 900}
	next := c.DistinctKeys

	for range rapid.IntRange(1, 3).Draw(t, "groups") {
		next += rapid.IntRange(0, 2).Draw(t, "gap")
		g := group{Key(next), rapid.SampledFrom([]int{1, 2, 3, 5, MaxGroupWidth}).Draw(t, "width")}
		groups = append(groups, g)
		next += g.width

		// Few keys, so that they meet.
		keys = append(keys, int(g.first), int(g.end())-1, int(g.end()), int(g.first)+g.width/2)
	}

	return groups, keys
}

// Every Advance emits exactly the rows that the definitions ask for: those of
// single keys as without groups, and beside those of a group's keys the others
// of it that are not zero. What a reader joins of them is at every clock what
// the definition of a vector says, at the ends where it says so, also after
// restores and another lateness; and the bytes are those of a set that knows no
// groups.
func TestGroupsAgreeWithOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		groups, keys := drawGroups(t, c)
		s, plain, o, j := newSubject(t, c), newSubject(t, c), newOracle(c), newJoiner(groups)
		o.groups = groups

		advance := func(clock int64) {
			rows := s.advance(clock)
			compare(t, rows, o.advance(clock))
			j.take(t, rows)
			compareVectors(t, j.vectors, o.vectors(clock))
			plain.advance(clock)
			checkSameBytes(t, s, plain)
		}

		advanced := MinTime

		for _, st := range drawSteps(t, c, keys...) {
			// As late as may be.
			if g, ok := j.groupOf(st.event.key); ok {
				s.declare(t, g)
			}

			s.add(st.event)
			plain.add(st.event)
			o.add(st.event)

			if st.advance >= 0 {
				advanced = max(advanced, st.clock-st.advance)
				advance(advanced)
			}

			switch rapid.IntRange(0, 19).Draw(t, "meanwhile") {
			case 0, 1:
				s.reload(t)
			case 2:
				advanced = max(advanced, st.clock)
				advance(advanced)

				lateness := c.Lateness + rapid.Int64Range(0, 600).Draw(t, "more")
				reconfigure(t, s, lateness, c.Skew)
				reconfigure(t, plain, lateness, c.Skew)
			}
		}

		advance(advanced + rapid.Int64Range(0, 10_000).Draw(t, "rest"))

		if s.Refused() != 0 {
			t.Fatalf("%d accepted events were refused", s.Refused())
		}
	})
}

func reconfigure(t require, s *subject, lateness, skew int64) {
	if err := s.Reconfigure(lateness, skew, s.all); err != nil {
		t.Fatalf("Reconfigure: %v", err)
	}
}

func checkSameBytes(t require, a, b *subject) {
	one, _ := a.AppendBinary(nil)
	other, _ := b.AppendBinary(nil)

	if !bytes.Equal(one, other) {
		t.Fatalf("the bytes differ from those of a set without groups")
	}
}

// Steady work takes no memory, corrections of groups included.
func TestSteadyWorkOfGroupsDoesNotAllocate(t *testing.T) {
	s := newSubject(t, defaultConfig())
	for first := Key(4); first < 64; first += 12 {
		s.declare(t, group{first, 12})
	}

	clock, rows := benchStart, 0
	emit := func(Row) { rows++ }
	work := func() {
		for i := range 1000 {
			clock += 50
			s.Add(Key(4+i%60), clock-int64(i*9973%600_000), 1)
		}

		s.Advance(clock, emit)
	}

	for range 4000 {
		work()
	}

	if n := testing.AllocsPerRun(100, work); n > 0.5 {
		t.Errorf("%.1f allocations per 1000 events", n)
	}
}
