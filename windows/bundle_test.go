package windows

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A bundle adds what each of its shares would add alone: the same rows, and the same bytes
// of state, wherever it is made, forgotten, or emptied.
func TestBundlesAddWhatTheirSharesWould(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Config{
			Lengths:  []Length{{Name: "1m", Size: 60_000, Slide: 60_000}, {Name: "5m", Size: 300_000, Slide: 60_000}, {Name: "1h", Size: 3_600_000, Slide: 300_000}},
			Lateness: 600_000, Skew: 60_000, DistinctKeys: 1,
		}
		one, each := newSubject(t, c), newSubject(t, c)
		clock := int64(1_770_000_000_000)
		var of [][]Share
		var made []Bundle
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			switch rapid.IntRange(0, 12).Draw(t, "step") {
			case 0:
				of = append(of, rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) Share {
					return Share{Key(rapid.IntRange(0, 40).Draw(t, "key")), rapid.Int64Range(-1<<60, 1<<60).Draw(t, "value")}
				}), 1, 5, func(s Share) Key { return s.Key }).Draw(t, "shares"))
				made = append(made, one.Bundle(of[len(of)-1]))
			case 1:
				one.ForgetBundles()
				of, made = nil, nil
			case 2:
				clock += rapid.Int64Range(0, 4*3_600_000).Draw(t, "later")
				if got, want := one.advance(clock), each.advance(clock); !slices.Equal(got, want) {
					t.Fatalf("rows are %v, want %v", got, want)
				}
			default:
				if len(of) == 0 {
					continue
				}
				at := rapid.IntRange(0, len(of)-1).Draw(t, "bundle")
				when := clock - rapid.Int64Range(-60_000, 700_000).Draw(t, "ago")
				one.AddBundle(made[at], when)
				for _, share := range of[at] {
					each.Add(share.Key, when, share.Value)
				}
				if when < one.floor {
					each.refused = one.refused // once, not once a share
				}
			}
		}
		got, _ := one.AppendBinary(nil)
		want, _ := each.AppendBinary(nil)
		if !bytes.Equal(got, want) {
			t.Fatal("the states differ")
		}
	})
}
