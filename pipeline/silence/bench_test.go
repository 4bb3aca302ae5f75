package silence_test

import (
	"testing"

	"ebb/pipeline/silence"
)

// BenchmarkCount is what an event pays.
func BenchmarkCount(b *testing.B) {
	w := started(silence.Defaults(), begin)
	for b.Loop() {
		if _, ok := w.Next(begin); ok {
			b.Fatal("the clock stands")
		}
		w.Count(0)
	}
}

// BenchmarkClose is a step of one awake channel beside the whole.
func BenchmarkClose(b *testing.B) {
	w := started(silence.Defaults(), begin)
	run(w, begin, begin+2*week, func(int64) uint32 { return 4 })
	for b.Loop() {
		w.Count(0)
		w.Close()
	}
}
