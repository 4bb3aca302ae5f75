package windows

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// AddRow adds what AddSum would for each key: the same rows, and the same bytes of state.
func TestRowsAddWhatTheirKeysWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Config{
			Lengths:  []Length{{Name: "1m", Size: 60_000, Slide: 60_000}, {Name: "5m", Size: 300_000, Slide: 60_000}},
			Lateness: 600_000, Skew: 60_000, DistinctKeys: 1,
		}
		one, each := newSubject(t, c), newSubject(t, c)
		clock := int64(1_770_000_000_000)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			if rapid.IntRange(0, 9).Draw(t, "step") == 0 {
				clock += rapid.Int64Range(0, 600_000).Draw(t, "later")
				if got, want := one.advance(clock), each.advance(clock); !slices.Equal(got, want) {
					t.Fatalf("rows are %v, want %v", got, want)
				}

				continue
			}
			when := clock - rapid.Int64Range(-60_000, 700_000).Draw(t, "ago")
			first := Key(rapid.SampledFrom([]int{1, 20, pendingSize - 2}).Draw(t, "first"))
			filled := rapid.Uint32Range(0, 31).Draw(t, "filled")
			values := make([]Sum, 5)
			for i := range values {
				values[i] = SumOf(rapid.Int64().Draw(t, "value"))
			}
			one.AddRow(first, when, filled, values)
			for i := range values {
				if filled>>i&1 == 1 {
					each.AddSum(first+Key(i), when, values[i])
				}
			}
			if when < one.floor {
				each.refused = one.refused // once, not once a key
			}
		}
		got, _ := one.AppendBinary(nil)
		want, _ := each.AppendBinary(nil)
		if !bytes.Equal(got, want) {
			t.Fatal("the states differ")
		}
	})
}
