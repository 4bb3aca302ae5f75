package windows

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func (s *subject) all(visit func(customer uint32, key Key, a *Activity)) {
	order := slices.SortedFunc(maps.Keys(s.activities), func(a, b person) int {
		return int(a.customer)<<16 + int(a.key) - int(b.customer)<<16 - int(b.key)
	})
	for _, p := range order {
		visit(p.customer, p.key, s.activities[p])
	}
}

// Whatever the lateness and the skew are changed to in between, every Advance
// emits exactly the rows that the definitions ask for, and what was final before
// stays so.
func TestReconfigureAgreesWithOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		s, o := newSubject(t, c), newOracle(c)
		clock := rapid.SampledFrom(origins).Draw(t, "origin")
		floor := MinTime

		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			clock += rapid.OneOf(rapid.Int64Range(0, 3), rapid.Int64Range(0, 60), rapid.SampledFrom([]int64{0, 0, 900})).Draw(t, "pause")
			if rapid.IntRange(0, 6).Draw(t, "what") == 0 {
				compare(t, s.advance(clock), o.advance(clock))
				floor = max(floor, Watermark(clock, c.Lateness))
				c.Lateness = rapid.OneOf(rapid.Int64Range(0, 30), rapid.Int64Range(0, 600), rapid.Int64Range(0, 3000)).Draw(t, "lateness")
				c.Skew = rapid.Int64Range(0, 100).Draw(t, "skew")
				if err := s.Reconfigure(c.Lateness, c.Skew, s.all); err != nil {
					t.Fatalf("Reconfigure: %v", err)
				}
			}
			low := max(floor, Watermark(clock, c.Lateness))
			f := fact{
				key:      Key(rapid.SampledFrom([]int{0, 1, 2, 3, 900}).Draw(t, "key")),
				customer: uint32(rapid.IntRange(0, 3).Draw(t, "customer")),
				t:        rapid.Int64Range(low, clock+c.Skew).Draw(t, "time"),
				value:    rapid.Int64Range(-5, 50).Draw(t, "value"),
			}
			s.add(f)
			o.add(f)
			if rapid.IntRange(0, 4).Draw(t, "advance") == 0 {
				compare(t, s.advance(clock), o.advance(clock))
				floor = max(floor, Watermark(clock, c.Lateness))
			}
			if rapid.IntRange(0, 9).Draw(t, "reload") == 0 {
				s.reload(t)
			}
		}
		end := clock + rapid.Int64Range(0, 10_000).Draw(t, "rest")
		compare(t, s.advance(end), o.advance(end))
		if s.Refused() != 0 {
			t.Fatalf("%d accepted events were refused", s.Refused())
		}
	})
}

func TestReconfigureRefuses(t *testing.T) {
	s := newSubject(t, defaultConfig())
	if err := s.Reconfigure(-1, 0, s.all); !errors.Is(err, ErrConfig) {
		t.Errorf("a lateness of -1: %v", err)
	}
	s.advance(benchStart)
	s.add(fact{t: benchStart})
	if err := s.Reconfigure(hour, 0, s.all); !errors.Is(err, ErrConfig) {
		t.Errorf("with events that no advance has seen: %v", err)
	}
}
