package windows

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// counted is an event as a set with comings and leavings counts it: its customer in the
// windows that end in (since, until]. Of one who came the set has no event.
type counted struct {
	fact
	since, until int64
	came         bool
}

// side is a set of two between which customers move, what it is to hold by definition,
// and what it said.
type side struct {
	*subject
	counted []counted
	said    map[rowKey]Row
}

func newSide(t require, c Config) *side {
	return &side{subject: newSubject(t, c), said: map[rowKey]Row{}}
}

func (s *side) take(f fact) {
	s.add(f)
	s.counted = append(s.counted, counted{fact: f, since: math.MinInt64, until: math.MaxInt64})
}

func (s *side) pass(t require, clock int64) {
	floor := s.floor
	for _, r := range s.advance(clock) {
		if r.End <= floor {
			t.Fatalf("a final row comes again: %v, floor %d", r, floor)
		}
		s.said[rowKey{r.Length, r.End, r.Key}] = r
	}
}

func (s *side) activity(key Key, customer uint32) *Activity {
	at := person{key, customer}
	if s.activities[at] == nil {
		s.activities[at] = &Activity{}
	}

	return s.activities[at]
}

// leave takes a customer out of all keys, and gives what they leave with.
func (s *side) leave(customer uint32, until int64) (traces map[Key]*Trace, of []counted) {
	traces = map[Key]*Trace{}
	for key := range Key(s.config.DistinctKeys) {
		if trace, ok := s.Leave(key, customer, s.activity(key, customer), until); ok {
			traces[key] = &trace
		}
	}
	for i := range s.counted {
		if c := &s.counted[i]; c.customer == customer && c.until == math.MaxInt64 && int(c.key) < s.config.DistinctKeys {
			c.until = until
			of = append(of, *c)
		}
	}

	return traces, of
}

// come counts a customer where another was active.
func (s *side) come(customer uint32, traces map[Key]*Trace, of []counted, after int64) {
	for key, trace := range traces {
		s.Come(key, customer, s.activity(key, customer), trace, after)
	}
	for _, c := range of {
		c.customer, c.came, c.since, c.until = customer, true, after, math.MaxInt64
		s.counted = append(s.counted, c)
	}
}

// row is a row by definition. It is there where a window, or the one a slide before,
// holds an event, or holds a slice of somebody who came and is not final then. Where it
// is final, a row may be there without a figure.
func (s *side) row(length int, key Key, end int64) (row Row, there bool) {
	l := s.config.Lengths[length]
	now, before := l.Window(end), l.Window(end-l.Slide)
	row = Row{Length: length, End: end, Key: key}
	customers := map[uint32]bool{}
	for _, c := range s.counted {
		if c.key != key || !now.Contains(c.t) && !before.Contains(c.t) {
			continue
		}
		if !now.Contains(c.t) {
			there = there || !c.came || end-l.Slide > c.since

			continue
		}
		there = there || !c.came || end > c.since
		if !c.came {
			row.Events++
			row.Sum.plus(c.sum())
		}
		if end > c.since && end <= c.until && int(key) < s.config.DistinctKeys {
			customers[c.customer] = true
		}
	}
	row.Customers = int64(len(customers))

	return row, there
}

func (s *side) check(t require, clock int64) {
	wanted := map[rowKey]bool{}
	for _, c := range s.counted {
		for i, l := range s.config.Lengths {
			for _, end := range ends(l, c.t) {
				at := rowKey{i, end, c.key}
				if wanted[at] || end > clock {
					continue
				}
				want, there := s.row(i, c.key, end)
				wanted[at] = true
				got, said := s.said[at]
				if said && got != want || there && !said {
					t.Fatalf("row %v %v, want %v", got, said, want)
				}
			}
		}
	}
	for at, got := range s.said {
		if !wanted[at] {
			t.Fatalf("row %v comes of nothing", got)
		}
	}
}

// Somebody who leaves one set and comes to another counts in each as by definition:
// before the leaving here, behind the coming there, however events come, late ones too,
// whoever else moves, more than once or to the same customer, and however long events may
// be late meanwhile.
func TestWhoMovesCountsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		c.DistinctKeys = max(1, c.DistinctKeys)
		here, there := newSide(t, c), newSide(t, c)
		type moving struct {
			customer uint32
			traces   map[Key]*Trace
			of       []counted
		}
		var under []moving
		last, floor, lateness, skew := MinTime, MinTime, c.Lateness, c.Skew
		for _, st := range drawSteps(t, c, 0, 1, 2, 900) {
			s := here
			if rapid.Bool().Draw(t, "there") {
				s = there
			}
			watermark := max(floor, Watermark(st.clock, lateness))
			st.event.t = min(max(st.event.t, watermark), st.clock+skew)
			s.take(st.event)
			if rapid.IntRange(0, 4).Draw(t, "leaves") == 0 {
				traces, of := here.leave(uint32(rapid.IntRange(0, 3).Draw(t, "who")), watermark)
				under = append(under, moving{uint32(rapid.IntRange(0, 3).Draw(t, "as")), traces, of})
			}
			for len(under) > 0 && rapid.IntRange(0, 2).Draw(t, "comes") > 0 {
				m := under[0]
				under = under[1:]
				if slices.ContainsFunc(m.of, func(c counted) bool { return c.t > st.clock+skew }) {
					continue // of a time to come, since the skew is shorter: nobody may ask for it
				}
				there.come(m.customer, m.traces, m.of, watermark)
				if rapid.IntRange(0, 3).Draw(t, "twice") == 0 {
					for key, trace := range m.traces {
						there.Come(key, m.customer, there.activity(key, m.customer), trace, watermark)
					}
				}
			}
			if st.advance >= 0 {
				last = max(last, st.clock-st.advance)
				here.pass(t, last)
				there.pass(t, last)
				if last == st.clock && rapid.IntRange(0, 5).Draw(t, "reconfigure") == 0 {
					floor = max(floor, Watermark(last, lateness)) // never falls
					lateness = rapid.OneOf(rapid.Int64Range(0, 30), rapid.Int64Range(0, 600)).Draw(t, "another lateness")
					skew = rapid.Int64Range(0, 100).Draw(t, "another skew")
					for _, s := range []*side{here, there} {
						if err := s.Reconfigure(lateness, skew, s.all); err != nil {
							t.Fatalf("Reconfigure: %v", err)
						}
					}
				}
			}
			if rapid.IntRange(0, 9).Draw(t, "reload") == 0 {
				here.reload(t)
				there.reload(t)
			}
			last = max(last, st.clock-100_000)
		}
		end := min(last+200_000, MaxTime)
		for _, s := range []*side{here, there} {
			s.pass(t, end)
			s.check(t, end)
			if s.Refused() != 0 {
				t.Fatalf("%d accepted events were refused", s.Refused())
			}
		}
	})
}
