package prefetch

import "testing"

// TestFetchingChangesNothing fetches values, slices, parts of them, and none.
func TestFetchingChangesNothing(t *testing.T) {
	numbers := make([]uint64, 1000)
	for i := range numbers {
		numbers[i] = uint64(i)
	}
	Value(&numbers[999])
	Value(&struct{}{})
	for from := range 20 {
		Slice(numbers[from:from])
		Slice(numbers[from:])
	}
	Slice([]byte(nil))
	for i, got := range numbers {
		if got != uint64(i) {
			t.Fatalf("number %d became %d", i, got)
		}
	}
}
