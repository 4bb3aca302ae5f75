package windows

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// person tells whose activity it is.
type person struct {
	key      Key
	customer uint32
}

// subject is a set with the activities that its caller keeps.
type subject struct {
	*Set
	activities map[person]*Activity
	declared   []group
}

func newSubject(t require, c Config) *subject {
	s, err := New(c)
	if err != nil {
		t.Fatalf("New: %v", err)
	}

	return &subject{Set: s, activities: map[person]*Activity{}}
}

type require interface{ Fatalf(string, ...any) }

func (s *subject) add(f fact) {
	s.AddSum(f.key, f.t, f.sum())

	a := s.activities[person{f.key, f.customer}]
	if a == nil {
		a = &Activity{}
		s.activities[person{f.key, f.customer}] = a
	}

	s.Touch(f.key, f.customer, a, f.t)
}

func (s *subject) advance(clock int64) []Row {
	var out []Row
	s.Advance(clock, func(r Row) { out = append(out, r) })

	return out
}

// declare tells the set of a group, again if it knows it.
func (s *subject) declare(t require, g group) {
	if err := s.Group(g.first, g.width); err != nil {
		t.Fatalf("Group: %v", err)
	}

	if !slices.Contains(s.declared, g) {
		s.declared = append(s.declared, g)
	}
}

// reload replaces the set and its activities by what their bytes say, and
// declares its groups again, the last one first.
func (s *subject) reload(t require) {
	image, _ := s.AppendBinary(nil)

	restored, err := Restore(s.config, image)
	if err != nil {
		t.Fatalf("Restore: %v", err)
	}

	again, _ := restored.AppendBinary([]byte("prefix"))
	if !bytes.Equal(again[len("prefix"):], image) {
		t.Fatalf("the restored set has other bytes")
	}

	s.Set = restored

	for _, g := range slices.Backward(s.declared) {
		s.declare(t, g)
	}

	for _, a := range s.activities {
		b, _ := a.AppendBinary(nil)
		*a = Activity{}

		if err := a.UnmarshalBinary(b); err != nil {
			t.Fatalf("UnmarshalBinary: %v", err)
		}
	}
}

func drawConfig(t *rapid.T) Config {
	slides := rapid.SliceOfNDistinct(rapid.Int64Range(1, 40), 1, 3, rapid.ID).Draw(t, "slides")
	n := rapid.IntRange(1, 4).Draw(t, "lengths")
	c := Config{DistinctKeys: rapid.IntRange(0, 3).Draw(t, "distinct")}

	for i := range n {
		slide := rapid.SampledFrom(slides).Draw(t, "slide")
		span := rapid.OneOf(rapid.Int64Range(1, 6), rapid.Int64Range(1, 90)).Draw(t, "span")
		c.Lengths = append(c.Lengths, Length{Name: string(rune('a' + i)), Size: span * slide, Slide: slide})
	}

	// Up to thousands of slices of disorder, so that all ways to keep activity
	// are taken: half a word, a whole one, sparse.
	c.Lateness = rapid.OneOf(rapid.Int64Range(0, 30), rapid.Int64Range(0, 600)).Draw(t, "lateness")
	c.Skew = rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 100)).Draw(t, "skew")

	return c
}

var origins = []int64{0, -1, 1_750_000_000_000, -62_000_000_000_000, MaxTime - 200_000, MinTime + 200_000}

// step is one thing that happens to a set: the caller's clock goes on, an event
// is accepted, and perhaps rows are asked for.
type step struct {
	clock   int64
	event   fact
	advance int64 // how far the Advance's clock stays behind; negative: none
}

func drawSteps(t *rapid.T, c Config, keys ...int) []step {
	clock := rapid.SampledFrom(origins).Draw(t, "origin")
	n := rapid.IntRange(1, 40).Draw(t, "steps")
	steps := make([]step, n)

	if keys == nil {
		keys = []int{0, 1, 2, 3, 900}
	}

	for i := range steps {
		clock += rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(0, 60), rapid.SampledFrom([]int64{0, 0, 0, 900, 2000})).Draw(t, "pause")
		steps[i] = step{
			clock: clock,
			event: fact{
				key:      Key(rapid.SampledFrom(keys).Draw(t, "key")),
				customer: uint32(rapid.IntRange(0, 3).Draw(t, "customer")),
				t:        rapid.Int64Range(clock-c.Lateness, clock+c.Skew).Draw(t, "time"),
				value: rapid.OneOf(
					rapid.Int64Range(-5, 50), rapid.SampledFrom([]int64{-1 << 63, 1<<63 - 1, 1 << 62}),
				).Draw(t, "value"),
				wide: rapid.SampledFrom([]uint{0, 0, 0, 1, 16}).Draw(t, "wide"),
			},
			advance: rapid.SampledFrom([]int64{-1, -1, -1, 0, 0, 1, 25}).Draw(t, "advance"),
		}
	}

	return steps
}

// Every Advance emits exactly the rows that the definitions ask for, in order.
func TestAdvanceAgreesWithOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		s, o := newSubject(t, c), newOracle(c)
		advanced := MinTime

		for _, st := range drawSteps(t, c) {
			s.add(st.event)
			o.add(st.event)

			if st.advance >= 0 {
				advanced = max(advanced, st.clock-st.advance)
				compare(t, s.advance(advanced), o.advance(advanced))
			}

			if rapid.IntRange(0, 9).Draw(t, "reload") == 0 {
				s.reload(t)
			}

			checkValues(t, s, o)
		}

		end := advanced + rapid.Int64Range(0, 10_000).Draw(t, "rest")
		compare(t, s.advance(end), o.advance(end))

		if s.Refused() != 0 {
			t.Fatalf("%d accepted events were refused", s.Refused())
		}
	})
}

func compare(t require, got, want []Row) {
	if !slices.Equal(got, want) {
		t.Fatalf("rows differ\n got %v\nwant %v", got, want)
	}
}

// checkValues compares Value with the oracle for the ends around the last event.
func checkValues(t require, s *subject, o *oracle) {
	last := o.facts[len(o.facts)-1]

	for i, l := range s.config.Lengths {
		for _, end := range ends(l, last.t) {
			if end <= s.floor {
				continue
			}

			want, exists := o.row(i, last.key, end)
			if got, ok := s.Value(i, last.key, end); ok != exists || got != want {
				t.Fatalf("Value(%d, %d, %d) = %v %v, want %v %v", i, last.key, end, got, ok, want, exists)
			}
		}
	}
}

// The same accepted events in another order, with other Advances, end in the
// same rows and the same bytes.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)

		var facts []fact
		for _, st := range drawSteps(t, c) {
			facts = append(facts, st.event)
		}

		newest := slices.MaxFunc(facts, func(a, b fact) int { return int(a.t - b.t) }).t
		end := newest + c.Lateness + rapid.Int64Range(0, 500).Draw(t, "rest")

		rows, image := runInSomeOrder(t, c, facts, end)
		otherRows, otherImage := runInSomeOrder(t, c, facts, end)

		if !maps.Equal(rows, otherRows) {
			t.Fatalf("rows differ\n one %v\n other %v", rows, otherRows)
		}

		if !bytes.Equal(image, otherImage) {
			t.Fatalf("bytes differ")
		}
	})
}

// runInSomeOrder lets each event arrive at some clock at which it is accepted.
func runInSomeOrder(t *rapid.T, c Config, facts []fact, end int64) (map[rowKey]Row, []byte) {
	type arrival struct {
		clock int64
		event fact
	}

	arrivals := make([]arrival, len(facts))
	for i, f := range rapid.Permutation(facts).Draw(t, "order") {
		arrivals[i] = arrival{rapid.Int64Range(f.t-c.Skew, f.t+c.Lateness).Draw(t, "arrival"), f}
	}

	slices.SortStableFunc(arrivals, func(a, b arrival) int { return int(a.clock - b.clock) })

	s := newSubject(t, c)
	last := map[rowKey]Row{}
	note := func(rows []Row) {
		for _, r := range rows {
			last[rowKey{r.Length, r.End, r.Key}] = r
		}
	}

	for _, a := range arrivals {
		s.add(a.event)

		if rapid.Bool().Draw(t, "advance") {
			note(s.advance(a.clock))
		}
	}

	note(s.advance(end))
	// A second one leaves no trace of corrections.
	note(s.advance(end))

	image, _ := s.AppendBinary(nil)

	return last, image
}
