package term

import "testing"

func TestRanges(t *testing.T) {
	for want, numbers := range map[string][]int{
		"": nil, "5": {5}, "0-3": {0, 1, 2, 3}, "0-1, 3, 5-7": {0, 1, 3, 5, 6, 7},
	} {
		if got := Ranges(numbers); got != want {
			t.Errorf("%v are %q, want %q", numbers, got, want)
		}
	}
}
