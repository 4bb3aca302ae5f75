package shard

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The times of a curve grow from the last event to the end, now is one of
// them, and there are few.
func TestSilenceTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		last := rapid.Int64Range(0, 1<<42).Draw(t, "last")
		now := last + rapid.Int64Range(0, 1<<38).Draw(t, "silent")
		end := now + rapid.Int64Range(0, 1<<38).Draw(t, "ahead")
		times := silenceTimes(last, now, end)
		if times[0] != last || times[len(times)-1] != end || !slices.Contains(times, now) || len(times) > scoreSteps+1 {
			t.Fatalf("from %d over %d to %d: %v", last, now, end, times)
		}
		for i := 1; i < len(times); i++ {
			if times[i] <= times[i-1] {
				t.Fatalf("from %d over %d to %d: %v", last, now, end, times)
			}
		}
	})
}
