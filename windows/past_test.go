package windows

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// AdvancePast emits the rows that Advance would, but for those left out, and has the
// same state behind it.
func TestAdvancePastLeavesOutRowsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawConfig(t)
		s, other, o := newSubject(t, c), newSubject(t, c), newOracle(c)
		advanced := MinTime

		past := func(clock int64) {
			until := make([]int64, len(c.Lengths))
			for i := range until {
				until[i] = rapid.OneOf(rapid.Just(MinTime), rapid.Int64Range(clock-300, clock+30)).Draw(t, "until")
			}

			var got []Row
			s.AdvancePast(until, clock, func(r *Row) { got = append(got, *r) })
			other.advance(clock)

			want := slices.DeleteFunc(o.advance(clock), func(r Row) bool {
				return r.End > advanced && r.End <= until[r.Length]
			})
			compare(t, got, want)

			advanced = clock
		}

		for _, st := range drawSteps(t, c) {
			s.add(st.event)
			other.add(st.event)
			o.add(st.event)

			if st.advance >= 0 {
				past(max(advanced, st.clock-st.advance))
			}
		}

		past(advanced + rapid.Int64Range(0, 2_000).Draw(t, "rest"))

		image, _ := s.AppendBinary(nil)
		if want, _ := other.AppendBinary(nil); !slices.Equal(image, want) {
			t.Fatal("the state is another than that after Advance")
		}
	})
}
